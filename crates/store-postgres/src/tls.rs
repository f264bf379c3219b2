//! Encryption towards the server: its certificate is always checked.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use store::failure::Failure;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::target::{Target, unsuitable};

pub(crate) fn connector(target: &Target) -> Result<MakeRustlsConnect, Failure> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unsuitable(&target.place, error.to_string()))?
        .with_root_certificates(roots(target)?)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn roots(target: &Target) -> Result<RootCertStore, Failure> {
    let mut roots = RootCertStore::empty();
    let Some(file) = &target.root_certificate else {
        // A root that cannot be read is one fewer to trust; a server whose root is missing is refused later.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return Ok(roots);
    };
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|error| {
            unsuitable(
                &target.place,
                format!("sslrootcert {}: {error}", file.display()),
            )
        })?;
    for certificate in certificates {
        roots.add(certificate).map_err(|error| {
            unsuitable(
                &target.place,
                format!("sslrootcert {}: {error}", file.display()),
            )
        })?;
    }
    Ok(roots)
}
