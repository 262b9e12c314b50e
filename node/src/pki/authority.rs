//! Who issues certificates.

use std::{fmt, net::IpAddr, path::Path, str::FromStr, time::Duration};

use lika_core::value::{AreaCode, Digest, NodeId, RecordId};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    SanType, SerialNumber, date_time_ymd,
};
use ring::rand::{SecureRandom as _, SystemRandom};
use rustls::pki_types::DnsName;

use crate::pki::{
    Certificate, Credentials, Error, Identity, Request,
    certificate::{SIGNING_KEY, first},
};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// A peer's clock may run behind ours, and a certificate of the future is refused.
const SKEW_MS: u64 = 60 * 60 * 1000;
/// The last second of the year 9999, where the date format of certificates ends.
const LAST_MS: u64 = 253_402_300_799_000;

/// Issues certificates: the authority of a node for the nodes below it, or of a county for its own clients.
///
/// The two are kept apart. A node that trusts an authority for its clients lets that authority name its officers; one
/// that trusts it for nodes lets it name the areas they may write under.
pub struct Authority {
    credentials: Credentials,
    issuer: Issuer<'static, KeyPair>,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authority").field(&self.credentials).finish()
    }
}

/// Tells authorities apart: the SHA-256 digest of the certificate in DER, printed as `sha256:<64 hexadecimal digits>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(Digest);

impl Fingerprint {
    /// That of a certificate in DER.
    pub fn of(der: &[u8]) -> Self {
        Self(Digest::of(der))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}

impl FromStr for Fingerprint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let digits = text.trim().strip_prefix("sha256:");
        let digest = digits.and_then(|digits| Digest::parse(&digits.to_lowercase()).ok());
        digest.map(Self).ok_or(Error::BadFingerprint)
    }
}

/// From when until when a certificate holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    from_ms: u64,
    until_ms: u64,
}

impl Validity {
    /// Between two times in milliseconds since 1970-01-01T00:00:00Z.
    pub fn between(from_ms: u64, until_ms: u64) -> Result<Self, Error> {
        if from_ms >= until_ms || until_ms > LAST_MS {
            return Err(Error::Validity);
        }
        Ok(Self { from_ms, until_ms })
    }

    /// For a number of days from now, `now_ms` being milliseconds since 1970-01-01T00:00:00Z. It starts an hour early,
    /// for peers whose clock runs behind.
    pub fn days(now_ms: u64, days: u32) -> Result<Self, Error> {
        Self::lasting(now_ms, u64::from(days) * DAY_MS)
    }

    /// How long, in milliseconds, a certificate was to hold when it was issued.
    pub fn lasted(certificate: &Certificate) -> u64 {
        let Certificate {
            from_ms, until_ms, ..
        } = certificate;
        until_ms.saturating_sub(*from_ms).saturating_sub(SKEW_MS)
    }

    /// As [`days`](Self::days), for a time in milliseconds.
    pub fn lasting(now_ms: u64, ms: u64) -> Result<Self, Error> {
        Self::between(now_ms.saturating_sub(SKEW_MS), now_ms.saturating_add(ms))
    }
}

impl Authority {
    /// Makes an authority that vouches for itself; `name` is for people.
    pub fn create(name: &str, validity: Validity) -> Result<Self, Error> {
        let mut params = params(name, validity)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = params.self_signed(&key)?;
        Self::new(Credentials::new(certificate.pem(), key.serialize_pem()))
    }

    /// Reads an authority that [`save`](Self::save) wrote.
    pub fn open(folder: &Path, name: &str) -> Result<Self, Error> {
        Self::new(Credentials::open(folder, name)?)
    }

    /// Writes `<name>.pem` and `<name>.key` (mode 0600) into a folder; never overwrites.
    pub fn save(&self, folder: &Path, name: &str) -> Result<(), Error> {
        self.credentials.save(folder, name)
    }

    /// The certificate to hand to those who shall trust this authority, in PEM.
    pub fn certificate_pem(&self) -> &str {
        self.credentials.certificate_pem()
    }

    /// What those who shall trust this authority hold its certificate against.
    pub fn fingerprint(&self) -> Result<Fingerprint, Error> {
        let der = first(self.certificate_pem())?;
        Ok(Fingerprint::of(&der))
    }

    /// Issues a node certificate for a new key. `hosts` are the DNS names and IP addresses at which it listens, which its callers
    /// check.
    pub fn issue_node(
        &self,
        node: NodeId,
        area: AreaCode,
        hosts: &[&str],
        validity: Validity,
    ) -> Result<Credentials, Error> {
        let hosts = hosts
            .iter()
            .map(|host| host_name(host))
            .collect::<Result<Vec<_>, _>>()?;
        self.issue(Identity::Node { node, area }, hosts, node_uses(), validity)
    }

    /// Signs the key of a node below, and gives the certificate in PEM. It names no host: it is for links, at whose lower
    /// end nobody listens, and a county that could name hosts could pose as another node's.
    pub fn certify_node(
        &self,
        request: &Request,
        node: NodeId,
        area: AreaCode,
        signing_key: Option<[u8; 32]>,
        validity: Validity,
    ) -> Result<String, Error> {
        let identity = Identity::Node { node, area };
        let mut params = leaf(identity, Vec::new(), node_uses(), validity)?;
        params.custom_extensions = signing_key.map(vouching_for).into_iter().collect();
        let certificate = params.signed_by(request.public_key(), &self.issuer)?;
        Ok(certificate.pem())
    }

    /// Issues a client certificate for programs that act as an officer.
    pub fn issue_client(
        &self,
        officer: RecordId,
        validity: Validity,
    ) -> Result<Credentials, Error> {
        let uses = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(Identity::Client { officer }, Vec::new(), uses, validity)
    }

    fn new(credentials: Credentials) -> Result<Self, Error> {
        let key = KeyPair::from_pem(credentials.key_pem())?;
        let issuer = Issuer::from_ca_cert_pem(credentials.certificate_pem(), key)?;
        Ok(Self {
            credentials,
            issuer,
        })
    }

    fn issue(
        &self,
        identity: Identity,
        hosts: Vec<SanType>,
        uses: Vec<ExtendedKeyUsagePurpose>,
        validity: Validity,
    ) -> Result<Credentials, Error> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let params = leaf(identity, hosts, uses, validity)?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Credentials::new(certificate.pem(), key.serialize_pem()))
    }
}

fn node_uses() -> Vec<ExtendedKeyUsagePurpose> {
    vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ]
}

/// An OCTET STRING of 32 bytes, not critical: whoever does not know it may believe the certificate all the same.
fn vouching_for(signing_key: [u8; 32]) -> CustomExtension {
    let content = [&[0x04, 0x20], signing_key.as_slice()].concat();
    CustomExtension::from_oid_content(&SIGNING_KEY, content)
}

fn leaf(
    identity: Identity,
    hosts: Vec<SanType>,
    uses: Vec<ExtendedKeyUsagePurpose>,
    validity: Validity,
) -> Result<CertificateParams, Error> {
    let mut params = params(&identity.address(), validity)?;
    params.subject_alt_names = hosts;
    params
        .subject_alt_names
        .push(SanType::URI(identity.address().try_into()?));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = uses;
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn params(name: &str, validity: Validity) -> Result<CertificateParams, Error> {
    let Validity { from_ms, until_ms } = validity;
    let epoch = date_time_ymd(1970, 1, 1);
    let mut params = CertificateParams::default();
    params.not_before = epoch + Duration::from_millis(from_ms);
    params.not_after = epoch + Duration::from_millis(until_ms);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.serial_number = Some(serial()?);
    Ok(params)
}

/// Random, so that no two are the same, also not of an authority that was replaced; the first bit is off because numbers
/// are positive, the second on because none begins with zeros.
fn serial() -> Result<SerialNumber, Error> {
    let mut bytes = [0; 16];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::NoRandomness)?;
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}

fn host_name(host: &str) -> Result<SanType, Error> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(SanType::IpAddress(address));
    }
    DnsName::try_from(host).map_err(|_| Error::BadHost(host.to_owned()))?;
    Ok(SanType::DnsName(host.try_into()?))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use rustls::pki_types::{CertificateDer, pem::PemObject as _};

    use super::*;
    use crate::pki::{NewKey, check_issuer};

    const NOW_MS: u64 = 1_480_000_000_000;

    fn validity() -> Validity {
        Validity::days(NOW_MS, 365).unwrap()
    }

    fn authority() -> Authority {
        Authority::create("Jiangxi", validity()).unwrap()
    }

    fn luxi() -> Identity {
        Identity::Node {
            node: NodeId([7; 16]),
            area: AreaCode::parse("360323").unwrap(),
        }
    }

    /// A certificate with any addresses and uses, as a careless authority would issue it.
    fn forged(addresses: &[&str], uses: &[ExtendedKeyUsagePurpose]) -> Result<Identity, Error> {
        let authority = authority();
        let mut params = params("forged", validity()).unwrap();
        params.subject_alt_names = addresses
            .iter()
            .map(|address| SanType::URI((*address).try_into().unwrap()))
            .collect();
        params.extended_key_usages = uses.to_vec();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &authority.issuer).unwrap();
        Identity::from_certificate(certificate.der())
    }

    #[test]
    fn certificates_name_whom_they_were_issued_for() {
        let Identity::Node { node, area } = luxi() else {
            unreachable!()
        };
        let hosts = ["localhost", "127.0.0.1", "::1"];
        let issued = authority().issue_node(node, area, &hosts, validity());
        assert_eq!(issued.unwrap().identity().unwrap(), luxi());

        let officer = RecordId([9; 16]);
        let issued = authority().issue_client(officer, validity()).unwrap();
        assert_eq!(issued.identity().unwrap(), Identity::Client { officer });

        let nation = authority().issue_node(node, AreaCode::NATION, &[], validity());
        let expected = Identity::Node {
            node,
            area: AreaCode::NATION,
        };
        assert_eq!(nation.unwrap().identity().unwrap(), expected);
    }

    #[test]
    fn a_certificate_holds_from_an_hour_before_now_to_the_last_day() {
        let issued = authority()
            .issue_client(RecordId([9; 16]), validity())
            .unwrap();
        let der = CertificateDer::from_pem_slice(issued.certificate_pem().as_bytes()).unwrap();
        let (_, read) = x509_parser::parse_x509_certificate(&der).unwrap();
        let now = i64::try_from(NOW_MS / 1000).unwrap();
        assert_eq!(read.validity().not_before.timestamp(), now - 3600);
        assert_eq!(
            read.validity().not_after.timestamp(),
            now + 365 * 24 * 60 * 60
        );
    }

    #[test]
    fn a_request_becomes_a_certificate_of_what_the_authority_says() {
        let folder = tempfile::tempdir().unwrap();
        let key = NewKey::kept_in(&folder.path().join("link.key")).unwrap();
        let request = Request::read(&key.request().unwrap()).unwrap();
        let Identity::Node { node, area } = luxi() else {
            unreachable!()
        };
        let authority = authority();
        for signing_key in [None, Some([0; 32]), Some([0xff; 32])] {
            let pem = authority.certify_node(&request, node, area, signing_key, validity());
            let pem = pem.unwrap();
            let certificate = Certificate::read_pem(&pem).unwrap();
            assert_eq!(certificate.identity, luxi());
            assert_eq!(certificate.signing_key, signing_key);
            assert_eq!(certificate.key, request.key());
            assert!(key.fits(&certificate));
            assert_eq!(certificate.until_ms, NOW_MS + 365 * DAY_MS);
            assert_eq!(certificate.serial.to_string().len(), 32);
            check_issuer(&pem, authority.certificate_pem()).unwrap();
            let other = self::authority();
            let foreign = check_issuer(&pem, other.certificate_pem());
            assert!(matches!(foreign, Err(Error::OtherIssuer)));
        }
    }

    #[test]
    fn a_fingerprint_reads_what_it_prints() {
        let fingerprint = authority().fingerprint().unwrap();
        assert_eq!(
            fingerprint.to_string().parse::<Fingerprint>().unwrap(),
            fingerprint
        );
        let (_, digits) = fingerprint
            .to_string()
            .split_once(':')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        for text in [
            "",
            "sha256:",
            &digits,
            &format!("sha1:{digits}"),
            &format!("sha256:{digits}0"),
        ] {
            let read = text.parse::<Fingerprint>();
            assert!(matches!(read, Err(Error::BadFingerprint)), "{text}");
        }
        assert_ne!(authority().fingerprint().unwrap(), fingerprint);
    }

    #[test]
    fn nonsense_validities_and_hosts_are_refused() {
        assert!(matches!(Validity::between(5, 5), Err(Error::Validity)));
        assert!(matches!(Validity::days(u64::MAX, 1), Err(Error::Validity)));
        for host in ["", "a b", "https://a", "上海"] {
            let issued =
                authority().issue_node(NodeId([7; 16]), AreaCode::NATION, &[host], validity());
            assert!(matches!(issued, Err(Error::BadHost(_))), "{host}");
        }
    }

    #[test]
    fn only_exactly_one_well_formed_address_with_its_uses_is_believed() {
        use ExtendedKeyUsagePurpose::{Any, ClientAuth, ServerAuth};
        let node = luxi().address();
        let client = Identity::Client {
            officer: RecordId([9; 16]),
        }
        .address();
        let both = [ServerAuth, ClientAuth];
        assert_eq!(forged(&[&node], &both).unwrap(), luxi());
        let with_other_scheme = forged(&["https://luxi.example", &node], &both);
        assert_eq!(with_other_scheme.unwrap(), luxi());

        for several in [
            [node.as_str(), client.as_str()],
            [node.as_str(), node.as_str()],
            [node.as_str(), "LIKA://node/x"],
        ] {
            let read = forged(&several, &both);
            assert!(
                matches!(read, Err(Error::SeveralIdentities(2))),
                "{several:?}"
            );
        }
        assert!(matches!(
            forged(&["https://luxi.example"], &both),
            Err(Error::NoIdentity)
        ));
        for bad in [
            "lika://node/07070707-0707-0707-0707-070707070707",
            "lika://node/07070707-0707-0707-0707-070707070707/360323/",
            "lika://node/07070707-0707-0707-0707-070707070707/360300",
            "lika://node/7/360323",
            "lika://client/",
            "lika://client/09090909-0909-0909-0909-090909090909/36",
            "lika://province/09090909-0909-0909-0909-090909090909",
            "lika:node",
            "LIKA://node/07070707-0707-0707-0707-070707070707/360323",
        ] {
            let read = forged(&[bad], &both);
            assert!(matches!(read, Err(Error::BadIdentity)), "{bad}");
        }
        for (address, uses) in [
            (&node, vec![ClientAuth]),
            (&node, vec![ServerAuth]),
            (&node, vec![]),
            (&node, vec![ServerAuth, ClientAuth, Any]),
            (&client, vec![ServerAuth, ClientAuth]),
            (&client, vec![]),
        ] {
            let read = forged(&[address], &uses);
            assert!(
                matches!(read, Err(Error::WrongUses(_))),
                "{address} {uses:?}"
            );
        }
    }

    #[test]
    fn rubbish_and_trailing_bytes_are_no_certificate() {
        let issued = authority()
            .issue_client(RecordId([9; 16]), validity())
            .unwrap();
        let der = CertificateDer::from_pem_slice(issued.certificate_pem().as_bytes()).unwrap();
        let mut longer = der.to_vec();
        longer.push(0);
        for bytes in [b"".as_slice(), b"rubbish", &longer, &der[..der.len() - 1]] {
            let read = Identity::from_certificate(bytes);
            assert!(matches!(read, Err(Error::Unreadable)));
        }
    }

    #[test]
    fn an_authority_read_back_issues_and_its_key_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let made = authority();
        made.save(folder.path(), "authority").unwrap();
        let key = folder.path().join("authority.key");
        let mode = std::fs::metadata(&key).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(made.save(folder.path(), "authority").is_err(), "overwrote");

        let read = Authority::open(folder.path(), "authority").unwrap();
        assert_eq!(read.certificate_pem(), made.certificate_pem());
        let officer = RecordId([9; 16]);
        let issued = read.issue_client(officer, validity()).unwrap();
        assert_eq!(issued.identity().unwrap(), Identity::Client { officer });

        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).unwrap();
        let exposed = Authority::open(folder.path(), "authority");
        assert!(matches!(exposed, Err(Error::ExposedKey(_))));
    }

    #[test]
    fn a_key_is_never_printed() {
        let made = authority();
        let key = made.credentials.key_pem().to_owned();
        let body = key.lines().nth(1).unwrap();
        assert!(!format!("{made:?}").contains(body));
    }
}
