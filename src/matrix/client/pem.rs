//! The certificates in a PEM file that holds hundreds, of which few are wanted. None of it is secret, so it may be decoded fast.
//! <https://www.rfc-editor.org/rfc/rfc7468>

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

/// Calls `found` with each certificate in DER; what can't be decoded is left out.
pub(super) fn each_certificate(pem: &[u8], mut found: impl FnMut(&[u8])) {
    let (mut base64, mut der) = (Vec::new(), Vec::new());
    let mut inside = false;
    for line in pem.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
        if line == BEGIN {
            base64.clear();
            der.clear();
        } else if inside && line == END && BASE64_STANDARD.decode_vec(&base64, &mut der).is_ok() {
            found(&der);
        } else if inside {
            base64.extend_from_slice(line);
        }
        inside = line == BEGIN || inside && line != END;
    }
}

#[cfg(test)]
mod tests {
    use super::each_certificate;

    #[test]
    fn certificates_are_found_among_other_things() {
        let pem = b"caf\xe9\n-----BEGIN CERTIFICATE-----\r\nYWJj\r\nZGVm\r\n-----END CERTIFICATE-----\n\
            -----BEGIN PRIVATE KEY-----\nYWJj\n-----END PRIVATE KEY-----\n\
            -----BEGIN CERTIFICATE-----\nno base64\n-----END CERTIFICATE-----\n\
            -----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nYWJj";
        let mut found: Vec<Vec<u8>> = Vec::new();
        each_certificate(pem, |der| found.push(der.to_owned()));
        assert_eq!(found, [b"abcdef".to_vec(), b"a".to_vec()]);
    }
}
