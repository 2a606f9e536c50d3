//! TLS 1.3 with raw Ed25519 public keys (RFC 7250), pinned on both sides by exact comparison (V-QUIC-001, V-QUIC-002,
//! V-QUIC-004).

use crate::transport::{Settings, TransportError};
use blindlink::identity::PeerId;
use blindlink::secret::Secret;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{AlwaysResolvesClientRawPublicKeys, Resumption};
use rustls::crypto::aws_lc_rs::{self, kx_group};
use rustls::crypto::{CryptoProvider, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime,
};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{AlwaysResolvesServerRawPublicKeys, NoServerSessionStorage};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, PeerIncompatible, SignatureScheme};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// SubjectPublicKeyInfo of Ed25519 (RFC 8410 section 4) up to the 32 bytes of the key.
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// OneAsymmetricKey version 1 of Ed25519 (RFC 8410 section 7) up to the 32 bytes of the secret.
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// The SubjectPublicKeyInfo of a public key.
fn spki(id: &PeerId) -> Vec<u8> {
    [SPKI_PREFIX.as_slice(), id.as_bytes()].concat()
}

/// The key of a SubjectPublicKeyInfo, if it is exactly an Ed25519 one and not a weak key (V-QUIC-005).
pub(super) fn from_spki(der: &[u8]) -> Option<PeerId> {
    let key = der.strip_prefix(&SPKI_PREFIX)?;
    PeerId::from_bytes(key.try_into().ok()?).ok()
}

/// The one provider: hybrid post-quantum key exchange first, then X25519, nothing else (V-QUIC-007).
pub(super) fn provider() -> Arc<CryptoProvider> {
    let mut provider = aws_lc_rs::default_provider();
    provider.kx_groups = vec![kx_group::X25519MLKEM768, kx_group::X25519];
    Arc::new(provider)
}

/// Remembers the key that was refused last, so that a log can name it. The key is claimed, not proven.
pub(super) type Refused = Arc<Mutex<Option<PeerId>>>;

/// Takes the refused key out.
pub(super) fn take(refused: &Refused) -> Option<PeerId> {
    refused.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Accepts the pinned keys and no other.
#[derive(Debug)]
struct Pinned {
    allowed: BTreeSet<PeerId>,
    refused: Refused,
    provider: Arc<CryptoProvider>,
}

/// The one way in which a key is refused: with the alert access_denied (V-QUIC-011).
fn denied() -> rustls::Error {
    CertificateError::ApplicationVerificationFailure.into()
}

impl Pinned {
    fn check(&self, key: &CertificateDer<'_>, rest: &[CertificateDer<'_>]) -> Result<(), rustls::Error> {
        let offered = from_spki(key);
        match offered {
            Some(id) if rest.is_empty() && self.allowed.contains(&id) => Ok(()),
            _ => {
                *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = offered;
                Err(denied())
            }
        }
    }

    fn verify(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let key = SubjectPublicKeyInfoDer::from(key.as_ref());
        verify_tls13_signature_with_raw_key(message, &key, signature, &self.provider.signature_verification_algorithms)
    }
}

/// [`Pinned`] for callers: whether a key is pinned is asked only after its signature was checked, and a key that is not and
/// a signature that does not verify look the same (V-QUIC-011). Or a stranger could ask with whom this node works.
#[derive(Debug)]
struct PinnedCallers(Pinned);

macro_rules! raw_ed25519_only {
    () => {
        fn verify_tls12_signature(
            &self,
            _message: &[u8],
            _key: &CertificateDer<'_>,
            _signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            Err(PeerIncompatible::Tls12NotOffered.into())
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            vec![SignatureScheme::ED25519]
        }

        fn requires_raw_public_keys(&self) -> bool {
            true
        }
    };
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        key: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.check(key, rest).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verify(message, key, signature)
    }

    raw_ed25519_only!();
}

impl ClientCertVerifier for PinnedCallers {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    /// Only the form, which is no secret.
    fn verify_client_cert(
        &self,
        key: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        if rest.is_empty() && from_spki(key).is_some() { Ok(ClientCertVerified::assertion()) } else { Err(denied()) }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let (verified, pinned) = (self.0.verify(message, key, signature), self.0.check(key, &[]));
        match (verified, pinned) {
            (Ok(verified), Ok(())) => Ok(verified),
            _ => Err(denied()),
        }
    }

    raw_ed25519_only!();
}

/// Our key in the form that rustls presents, from the 32-byte Ed25519 secret.
fn certified(provider: &CryptoProvider, secret: &Secret<32>) -> Result<Arc<CertifiedKey>, TransportError> {
    let der = Zeroizing::new([PKCS8_PREFIX.as_slice(), secret.expose()].concat());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der.as_slice()));
    let key = provider.key_provider.load_private_key(key.clone_key()).map_err(setup)?;
    let public = blindlink::identity::IdentityKey::from_secret(secret.expose()).id();
    Ok(Arc::new(CertifiedKey::new(vec![CertificateDer::from(spki(&public))], key)))
}

pub(super) fn setup(error: impl core::fmt::Display) -> TransportError {
    TransportError::Setup(error.to_string())
}

/// TLS of the side that is called.
pub(super) fn server(
    secret: &Secret<32>,
    allowed: BTreeSet<PeerId>,
    settings: &Settings,
    refused: &Refused,
) -> Result<rustls::ServerConfig, TransportError> {
    let provider = provider();
    let own = certified(&provider, secret)?;
    let pinned = Pinned { allowed, refused: Arc::clone(refused), provider: Arc::clone(&provider) };
    let verifier = Arc::new(PinnedCallers(pinned));
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(setup)?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(own)));
    config.alpn_protocols = vec![settings.alpn.clone()];
    // V-QUIC-008
    config.max_early_data_size = 0;
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(config)
}

/// A caller that claims a key without its secret, and accepts whoever answers as long as it is node 1 of the tests.
#[cfg(test)]
pub(super) fn claiming(key: &PeerId, secret: &Secret<32>, settings: &Settings) -> rustls::ClientConfig {
    let server = blindlink::identity::IdentityKey::from_secret(&[1; 32]).id();
    let (mut config, _) = client(secret, server, settings).expect("a configuration");
    let own = certified(&provider(), secret).expect("a key");
    let claimed = CertifiedKey::new(vec![CertificateDer::from(spki(key))], Arc::clone(&own.key));
    config.client_auth_cert_resolver = Arc::new(AlwaysResolvesClientRawPublicKeys::new(Arc::new(claimed)));
    config
}

/// TLS of the side that calls: exactly one pinned key.
pub(super) fn client(
    secret: &Secret<32>,
    pinned: PeerId,
    settings: &Settings,
) -> Result<(rustls::ClientConfig, Refused), TransportError> {
    let (provider, refused) = (provider(), Refused::default());
    let own = certified(&provider, secret)?;
    let allowed = BTreeSet::from([pinned]);
    let verifier = Arc::new(Pinned { allowed, refused: Arc::clone(&refused), provider: Arc::clone(&provider) });
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(setup)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(own)));
    config.alpn_protocols = vec![settings.alpn.clone()];
    config.enable_sni = false;
    config.enable_early_data = false;
    config.resumption = Resumption::disabled();
    Ok((config, refused))
}
