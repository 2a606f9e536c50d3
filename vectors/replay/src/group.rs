//! ristretto255 (RFC 9496).

use super::case::{Case, Hex, Stop, same};
use blindlink::crypto::group::{Element, Scalar};
use blindlink::error::PeerFault;
use serde::Deserialize;

/// An element as a message holds it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decode {
    encoding: Hex<32>,
    multiple: Option<u64>,
}

impl Case for Decode {
    fn run(&self) -> Result<(), Stop> {
        let element = element(&self.encoding, 0)?;
        same("encoding", &self.encoding.0, &element.encode())?;
        if let Some(multiple) = self.multiple {
            let mut wide = [0; 64];
            wide[..8].copy_from_slice(&multiple.to_le_bytes());
            same("encoding of the multiple", &self.encoding.0, &Element::base_mul(&Scalar::from_wide(&wide)).encode())?;
        }
        Ok(())
    }
}

/// 64 uniform bytes to an element.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Uniform {
    uniform: Hex<64>,
    encoding: Hex<32>,
}

impl Case for Uniform {
    fn run(&self) -> Result<(), Stop> {
        same("encoding", &self.encoding.0, &Element::from_uniform_bytes(&self.uniform.0).encode())
    }
}

/// Decodes the element at a position of a list.
pub(super) fn element(encoding: &Hex<32>, position: usize) -> Result<Element, PeerFault> {
    Element::decode(&encoding.0).ok_or(PeerFault::BadElement { position })
}

/// Decodes a list of elements.
pub(super) fn elements(encodings: &[Hex<32>]) -> Result<Vec<Element>, PeerFault> {
    encodings.iter().enumerate().map(|(position, encoding)| element(encoding, position)).collect()
}

/// Decodes a scalar.
pub(super) fn scalar(encoding: &Hex<32>) -> Result<Scalar, PeerFault> {
    Scalar::decode(&encoding.0).ok_or(PeerFault::BadScalar)
}
