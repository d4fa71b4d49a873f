//! What connections may take, as the settings say.

use std::num::NonZeroU64;

use selkie_sync::Bounds;

use crate::config::Config;
use crate::config::key::{Key, MEMORY_MAX, MESSAGES_MAX, RECEIVE_MAX, SEND_MAX};
use crate::config::size::size;

/// What connections may take. The settings have it by themselves where there has to be something.
pub(super) fn bounds(config: &Config) -> Bounds {
    let value = |key: &Key| config.value(key).map(|(text, _)| text);
    let bytes = |key| value(key).and_then(size);
    let else_ = Bounds::default();
    let messages = value(&MESSAGES_MAX).and_then(|text| text.parse().ok());
    let memory = bytes(&MEMORY_MAX).and_then(|bytes| usize::try_from(bytes).ok());
    Bounds {
        send: bytes(&SEND_MAX).and_then(NonZeroU64::new),
        receive: bytes(&RECEIVE_MAX).and_then(NonZeroU64::new),
        messages: messages.unwrap_or(else_.messages),
        memory: memory.unwrap_or(else_.memory),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::places::Places;

    #[test]
    fn every_setting_of_it_is_read() {
        assert_eq!(
            bounds(&Config::default()),
            Bounds::default(),
            "both say the same by themselves"
        );
        let said = ["send=16 KiB", "receive=2 MiB", "messages=9", "memory=8 MiB"];
        let said: Vec<String> = said.iter().map(|text| format!("network.{text}")).collect();
        let config = Config::read(&Places::default(), [], &said).unwrap();
        let rate = |bytes| NonZeroU64::new(bytes);
        let expected = Bounds {
            send: rate(16 << 10),
            receive: rate(2 << 20),
            messages: rate(9).unwrap(),
            memory: 8 << 20,
        };
        assert_eq!(bounds(&config), expected);
    }
}
