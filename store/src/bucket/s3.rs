//! A bucket of an object store that speaks S3: the only file that knows its client.

use std::fmt;
use std::io;

use futures_util::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};
use tokio::runtime::{Builder, Runtime};

use crate::bucket::probe::{ProbeError, probe};
use crate::bucket::{Bucket, Created};

/// Where a bucket is, and who we are there.
#[derive(Clone)]
pub struct S3Place {
    /// The address of the server, such as `https://s3.example`. Without `https` what is sent can be read
    /// on its way; it is meant for the machine itself.
    pub endpoint: String,
    /// What the server calls the place of its machines.
    pub region: String,
    /// The name of the bucket.
    pub bucket: String,
    /// What all keys begin with, so that several repositories share a bucket. May be empty.
    pub prefix: String,
    /// The name of the key that signs requests.
    pub access_key: String,
    /// The key.
    pub secret_key: String,
}

/// A [`Bucket`] of a server that speaks S3.
///
/// Calls wait for the server, so they are for threads that may wait and not for async tasks.
pub struct S3Bucket {
    client: AmazonS3,
    prefix: Path,
    // One thread that talks to the server for all callers.
    runtime: Runtime,
}

impl S3Bucket {
    /// The bucket, once the server was found to keep its promises.
    ///
    /// # Errors
    ///
    /// The server does not answer, or does not let us, or only pretends.
    pub fn open(place: &S3Place) -> Result<Self, ProbeError> {
        // Whoever links us may have chosen another provider, and then that one is used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = AmazonS3Builder::new()
            .with_endpoint(&place.endpoint)
            .with_allow_http(place.endpoint.starts_with("http://"))
            .with_region(&place.region)
            .with_bucket_name(&place.bucket)
            .with_access_key_id(&place.access_key)
            .with_secret_access_key(&place.secret_key)
            .build()
            .map_err(told)?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("selkie-s3")
            .enable_all()
            .build()?;
        let bucket = Self { client, prefix: Path::from(place.prefix.as_str()), runtime };
        probe(&bucket)?;
        Ok(bucket)
    }

    fn path(&self, key: &str) -> Path {
        key.split('/').fold(self.prefix.clone(), Path::join)
    }
}

impl Bucket for S3Bucket {
    fn create(&self, key: &str, bytes: &[u8]) -> io::Result<Created> {
        let payload = PutPayload::from(bytes.to_vec());
        let options = PutOptions::from(PutMode::Create);
        let path = self.path(key);
        match self.runtime.block_on(self.client.put_opts(&path, payload, options)) {
            Ok(_) => Ok(Created::New),
            // A request that is sent again after its answer was lost finds its own work: callers compare.
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(Created::Present),
            Err(error) => Err(told(error)),
        }
    }

    fn get(&self, key: &str, len_max: usize) -> io::Result<Vec<u8>> {
        self.runtime.block_on(async {
            let found = self.client.get(&self.path(key)).await.map_err(told)?;
            if found.meta.size > len_max as u64 {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            Ok(found.bytes().await.map_err(told)?.to_vec())
        })
    }

    fn read_at(&self, key: &str, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let range = offset..offset + buffer.len() as u64;
        let read = self.runtime.block_on(self.client.get_range(&self.path(key), range));
        let bytes = read.map_err(told)?;
        if bytes.len() != buffer.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer.copy_from_slice(&bytes);
        Ok(())
    }

    fn size(&self, key: &str) -> io::Result<u64> {
        Ok(self.runtime.block_on(self.client.head(&self.path(key))).map_err(told)?.size)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let folder = self.path(folder);
        let listed = self.client.list(Some(&folder)).try_collect::<Vec<_>>();
        let listed = self.runtime.block_on(listed).map_err(told)?;
        let name = |path: &Path| {
            let parts = path.prefix_match(&folder)?;
            Some(parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/"))
        };
        Ok(listed.iter().filter_map(|found| name(&found.location)).collect())
    }

    fn remove(&self, key: &str) -> io::Result<()> {
        match self.runtime.block_on(self.client.delete(&self.path(key))) {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(told(error)),
        }
    }
}

/// Without the key.
impl fmt::Debug for S3Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3Place({}/{}/{})", self.endpoint, self.bucket, self.prefix)
    }
}

impl fmt::Debug for S3Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3Bucket({}/{})", self.client, self.prefix)
    }
}

/// The error with the kind that callers look at.
fn told(error: Error) -> io::Error {
    let kind = match &error {
        Error::NotFound { .. } => io::ErrorKind::NotFound,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            io::ErrorKind::PermissionDenied
        }
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}
