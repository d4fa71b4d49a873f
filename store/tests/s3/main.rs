//! Hubs that share a bucket of a real server.
//!
//! `SELKIE_S3` says where the server is, with the access key `selkie` and the secret key `selkie-secret`;
//! `with-ceph.sh` beside this file starts one. Otherwise moto is started if Python
//! has it, and if not, the tests say that they were skipped.

mod hub;
mod server;
