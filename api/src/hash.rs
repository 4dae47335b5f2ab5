//! Fingerprints.

use sha2::Digest;
use sha2::Sha256;

/// SHA-256 (FIPS 180-4) in hexadecimal.
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
