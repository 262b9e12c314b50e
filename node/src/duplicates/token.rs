//! Tokens: RFC 9497, suite P256-SHA256, verifiable mode.
//!
//! ```text
//!  input   = "lika.duplicates.document\0" ‖ normalised identity document
//!  output  = VOPRF(key, input)                                      32 bytes
//!  token   = SHA-256("lika.duplicates.token\0" ‖ version ‖ output)
//! ```
//!
//! The context string of the suite keeps what is made here apart from every other mode; the label before the document
//! keeps it apart from every other use of the same key.

use std::fmt;

use lika_core::value::{IdentityDocument, hex};
use p256::{
    NistP256, ProjectivePoint, PublicKey as Point,
    elliptic_curve::{rand_core::OsRng, sec1::ToEncodedPoint as _},
};
use ring::digest::{Context, SHA256};
use voprf::{BlindedElement, EvaluationElement, Proof, VoprfClient, VoprfServer};
use zeroize::Zeroizing;

use super::{Error, MOST_ELEMENTS, Refusal};

const INPUT: &[u8] = b"lika.duplicates.document\0";
const TOKEN: &[u8] = b"lika.duplicates.token\0";

/// A point of the curve, compressed.
pub type Element = [u8; 33];

type Client = VoprfClient<NistP256>;
type Blinded = BlindedElement<NistP256>;
type Evaluated = EvaluationElement<NistP256>;

/// What two counties have of one person, under one version of the key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub [u8; 32]);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}…)", hex(&self.0[..4]))
    }
}

/// A document that can be compared: normalised, and valid by every check of its standard. It is never printed.
#[derive(Clone)]
pub struct Comparable(Zeroizing<String>);

impl fmt::Debug for Comparable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Comparable(..)")
    }
}

impl Comparable {
    /// A document as the registry has it; none where nothing of it can be compared.
    pub fn of(document: &IdentityDocument) -> Option<Self> {
        document.normalised().map(|text| Self(Zeroizing::new(text)))
    }

    /// What is fed to the function.
    pub(super) fn input(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([INPUT, self.0.as_bytes()].concat())
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

/// The secret key of a version. It is never printed.
#[derive(Clone)]
pub struct SecretKey(VoprfServer<NistP256>);

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SecretKey").field(&self.public()).finish()
    }
}

/// The public key of a version, against which proofs are checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey {
    point: Point,
    bytes: Element,
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.bytes))
    }
}

/// What a key-holder answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// In the order of what was asked.
    pub elements: Vec<Element>,
    /// That all of them were made with the key.
    pub proof: [u8; 64],
}

impl SecretKey {
    /// A new one.
    pub fn generate() -> Result<Self, Error> {
        let key = VoprfServer::new(&mut OsRng).map_err(|_| Error::Suite)?;
        Ok(Self(key))
    }

    /// Reads what [`bytes`](Self::bytes) gave; none when it is no key.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == 32).then_some(())?;
        VoprfServer::new_with_key(bytes).ok().map(Self)
    }

    /// The scalar. A secret.
    pub fn bytes(&self) -> Zeroizing<[u8; 32]> {
        let mut bytes = Zeroizing::new([0; 32]);
        let both = Zeroizing::new(self.0.serialize().to_vec());
        bytes.copy_from_slice(&both[..32]);
        bytes
    }

    /// What everybody may know.
    pub fn public(&self) -> PublicKey {
        // A secret key is never zero, so that the point is never the one at infinity.
        let point = self.0.get_public_key();
        PublicKey::from_point(point).expect("a key that is not zero has a public key")
    }

    /// Evaluates a batch, with a proof over all of it.
    pub fn evaluate(&self, blinded: &[Vec<u8>]) -> Result<Evaluation, Refusal> {
        if blinded.is_empty() || blinded.len() > MOST_ELEMENTS {
            return Err(Refusal::BatchSize(blinded.len()));
        }
        let read = |(at, bytes): (usize, &Vec<u8>)| {
            let is_whole = bytes.len() == size_of::<Element>();
            let element = Blinded::deserialize(bytes);
            let element = element.ok().filter(|_| is_whole);
            element.ok_or(Refusal::BadElement(at))
        };
        let blinded = blinded.iter().enumerate().map(read);
        let blinded = blinded.collect::<Result<Vec<_>, _>>()?;
        // Spelled out: without it the compiler looks for the iterator among all types that it knows, without end.
        let evaluated = self
            .0
            .batch_blind_evaluate::<_, Vec<Blinded>>(&mut OsRng, &blinded);
        let evaluated = evaluated.map_err(|_| Error::Suite)?;
        let elements = evaluated.messages.iter().map(|it| array(&it.serialize()));
        Ok(Evaluation {
            elements: elements.collect::<Option<_>>().ok_or(Error::Suite)?,
            proof: array(&evaluated.proof.serialize()).ok_or(Error::Suite)?,
        })
    }
}

impl PublicKey {
    /// Reads a compressed point; none when it is no key.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: Element = bytes.try_into().ok()?;
        let point = Point::from_sec1_bytes(&bytes).ok()?;
        Some(Self { point, bytes })
    }

    fn from_point(point: ProjectivePoint) -> Option<Self> {
        let point = Point::from_affine(point.to_affine()).ok()?;
        Self::from_bytes(point.to_encoded_point(true).as_bytes())
    }

    /// The compressed point.
    pub fn bytes(&self) -> &Element {
        &self.bytes
    }
}

/// Documents that are being evaluated, and what hides them. It must not be used for a second evaluation.
pub struct Batch {
    inputs: Vec<Zeroizing<Vec<u8>>>,
    clients: Vec<Client>,
    elements: Vec<Element>,
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch(of {})", self.inputs.len())
    }
}

/// The key-holder's answer is none: nothing of it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotProven;

impl Batch {
    /// Blinds each document with a secret of its own.
    pub fn blind(documents: &[Comparable]) -> Result<Self, Error> {
        let mut batch = Self {
            inputs: Vec::with_capacity(documents.len()),
            clients: Vec::with_capacity(documents.len()),
            elements: Vec::with_capacity(documents.len()),
        };
        for document in documents {
            let input = document.input();
            let blinded = Client::blind(&input, &mut OsRng).map_err(|_| Error::Suite)?;
            let element = array(&blinded.message.serialize()).ok_or(Error::Suite)?;
            batch.inputs.push(input);
            batch.clients.push(blinded.state);
            batch.elements.push(element);
        }
        Ok(batch)
    }

    /// What is sent.
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// The tokens, in the order of the documents, once the proof is right.
    pub fn finish(
        self,
        version: u32,
        key: &PublicKey,
        evaluation: &Evaluation,
    ) -> Result<Vec<Token>, NotProven> {
        if evaluation.elements.len() != self.clients.len() {
            return Err(NotProven);
        }
        let elements = evaluation.elements.iter();
        let elements = elements.map(|element| Evaluated::deserialize(element));
        let elements = elements.collect::<Result<Vec<_>, _>>();
        let elements = elements.map_err(|_| NotProven)?;
        let proof = Proof::deserialize(&evaluation.proof).map_err(|_| NotProven)?;
        let inputs: Vec<&[u8]> = self.inputs.iter().map(|input| input.as_slice()).collect();
        let point = key.point.to_projective();
        let outputs = Client::batch_finalize::<&&[u8], Vec<&[u8]>, Vec<Client>, Vec<Evaluated>>(
            &inputs,
            &self.clients,
            &elements,
            &proof,
            point,
        );
        let outputs = outputs.map_err(|_| NotProven)?;
        outputs
            .map(|output| output.map(|output| token(version, &output)))
            .collect::<Result<_, _>>()
            .map_err(|_| NotProven)
    }
}

fn token(version: u32, output: &[u8]) -> Token {
    let mut context = Context::new(&SHA256);
    for part in [TOKEN, &version.to_be_bytes(), output] {
        context.update(part);
    }
    let mut token = Token([0; 32]);
    token.0.copy_from_slice(context.finish().as_ref());
    token
}

fn array<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}
