//! When a certificate is renewed.

use crate::pki::Certificate;

const HOUR_MS: u64 = 60 * 60 * 1000;
/// A node whose clock was set, or whose renewals are refused, asks no more often than this.
const SHORTEST_MS: u64 = 30 * 1000;

/// Whether a third of the certificate's time or less is left.
pub fn is_due(certificate: &Certificate, now_ms: u64) -> bool {
    let Certificate {
        from_ms, until_ms, ..
    } = certificate;
    let length = until_ms.saturating_sub(*from_ms);
    until_ms.saturating_sub(now_ms) <= length / 3
}

/// After how many milliseconds to look again: an hour, sooner where less than eight of them are left.
pub fn check_after_ms(certificate: &Certificate, now_ms: u64) -> u64 {
    let left = certificate.until_ms.saturating_sub(now_ms);
    (left / 8).clamp(SHORTEST_MS, HOUR_MS)
}
