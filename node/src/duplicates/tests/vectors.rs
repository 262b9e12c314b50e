//! RFC 9497, appendix A.3.2: P256-SHA256, verifiable mode.

use p256::{NistP256, elliptic_curve::rand_core};
use voprf::{BlindedElement, EvaluationElement, Proof, VoprfClient, VoprfServer};

use crate::duplicates::{
    key::unhex,
    token::{PublicKey, SecretKey},
};

const SEED: &str = "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3";
const KEY_INFO: &str = "74657374206b6579";
const SECRET: &str = "ca5d94c8807817669a51b196c34c1b7f8442fde4334a7121ae4736364312fca6";
const PUBLIC: &str = "03e17e70604bcabe198882c0a1f27a92441e774224ed9c702e51dd17038b102462";
const ONE: &str = "3338fa65ec36e0290022b48eb562889d89dbfa691d1cde91517fa222ed7ad364";
const OTHER: &str = "f9db001266677f62c095021db018cd8cbb55941d4073698ce45c405d1348b7b1";

struct Vector {
    inputs: &'static [&'static str],
    blinds: &'static [&'static str],
    blinded: &'static [&'static str],
    evaluated: &'static [&'static str],
    proof: &'static str,
    random: &'static str,
    outputs: &'static [&'static str],
}

const VECTORS: [Vector; 3] = [
    Vector {
        inputs: &["00"],
        blinds: &[ONE],
        blinded: &["02dd05901038bb31a6fae01828fd8d0e49e35a486b5c5d4b4994013648c01277da"],
        evaluated: &["0209f33cab60cf8fe69239b0afbcfcd261af4c1c5632624f2e9ba29b90ae83e4a2"],
        proof: "e7c2b3c5c954c035949f1f74e6bce2ed539a3be267d1481e9ddb178533df4c26\
                64f69d065c604a4fd953e100b856ad83804eb3845189babfa5a702090d6fc5fa",
        random: OTHER,
        outputs: &["0412e8f78b02c415ab3a288e228978376f99927767ff37c5718d420010a645a1"],
    },
    Vector {
        inputs: &["5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"],
        blinds: &[ONE],
        blinded: &["03cd0f033e791c4d79dfa9c6ed750f2ac009ec46cd4195ca6fd3800d1e9b887dbd"],
        evaluated: &["030d2985865c693bf7af47ba4d3a3813176576383d19aff003ef7b0784a0d83cf1"],
        proof: "2787d729c57e3d9512d3aa9e8708ad226bc48e0f1750b0767aaff73482c44b8d\
                2873d74ec88aebd3504961acea16790a05c542d9fbff4fe269a77510db00abab",
        random: OTHER,
        outputs: &["771e10dcd6bcd3664e23b8f2a710cfaaa8357747c4a8cbba03133967b5c24f18"],
    },
    Vector {
        inputs: &["00", "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"],
        blinds: &[ONE, OTHER],
        blinded: &[
            "02dd05901038bb31a6fae01828fd8d0e49e35a486b5c5d4b4994013648c01277da",
            "03462e9ae64cae5b83ba98a6b360d942266389ac369b923eb3d557213b1922f8ab",
        ],
        evaluated: &[
            "0209f33cab60cf8fe69239b0afbcfcd261af4c1c5632624f2e9ba29b90ae83e4a2",
            "02bb24f4d838414aef052a8f044a6771230ca69c0a5677540fff738dd31bb69771",
        ],
        proof: "bdcc351707d02a72ce49511c7db990566d29d6153ad6f8982fad2b435d6ce4d6\
                0da1e6b3fa740811bde34dd4fe0aa1b5fe6600d0440c9ddee95ea7fad7a60cf2",
        random: "350e8040f828bf6ceca27405420cdf3d63cb3aef005f40ba51943c8026877963",
        outputs: &[
            "0412e8f78b02c415ab3a288e228978376f99927767ff37c5718d420010a645a1",
            "771e10dcd6bcd3664e23b8f2a710cfaaa8357747c4a8cbba03133967b5c24f18",
        ],
    },
];

/// Gives the random scalar of a vector, once.
struct Given(Vec<u8>);

impl rand_core::RngCore for Given {
    fn next_u32(&mut self) -> u32 {
        panic!("the suite asks for bytes")
    }

    fn next_u64(&mut self) -> u64 {
        panic!("the suite asks for bytes")
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        let given: Vec<u8> = self.0.drain(..bytes.len()).collect();
        bytes.copy_from_slice(&given);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl rand_core::CryptoRng for Given {}

fn all(digits: &[&str]) -> Vec<Vec<u8>> {
    digits.iter().map(|digits| unhex(digits).unwrap()).collect()
}

#[test]
fn the_key_is_that_of_the_standard() {
    let info = unhex(KEY_INFO).unwrap();
    let server = VoprfServer::<NistP256>::new_from_seed(&unhex(SEED).unwrap(), &info).unwrap();
    let secret = unhex(SECRET).unwrap();
    assert_eq!(server.serialize()[..32], secret);
    let own = SecretKey::from_bytes(&secret).unwrap();
    assert_eq!(own.public().to_string(), PUBLIC);
    assert_eq!(own.bytes()[..], secret);
    assert_eq!(
        PublicKey::from_bytes(&unhex(PUBLIC).unwrap()),
        Some(own.public())
    );
}

#[test]
fn the_suite_is_that_of_the_standard() {
    let server = VoprfServer::<NistP256>::new_with_key(&unhex(SECRET).unwrap()).unwrap();
    for (place, vector) in VECTORS.iter().enumerate() {
        let elements: Vec<BlindedElement<NistP256>> = all(vector.blinded)
            .iter()
            .map(|bytes| BlindedElement::deserialize(bytes).unwrap())
            .collect();
        let mut random = Given(unhex(vector.random).unwrap());
        let answer = server
            .batch_blind_evaluate::<_, Vec<_>>(&mut random, &elements)
            .unwrap();
        let evaluated: Vec<Vec<u8>> = answer
            .messages
            .iter()
            .map(|it| it.serialize().to_vec())
            .collect();
        assert_eq!(evaluated, all(vector.evaluated), "vector {place}");
        assert_eq!(
            answer.proof.serialize()[..],
            unhex(vector.proof).unwrap(),
            "vector {place}"
        );

        // What this node's key-holder computes, but for the randomness of its proof.
        let own = SecretKey::from_bytes(&unhex(SECRET).unwrap()).unwrap();
        let own = own.evaluate(&all(vector.blinded)).unwrap();
        let elements: Vec<Vec<u8>> = own.elements.iter().map(|it| it.to_vec()).collect();
        assert_eq!(elements, evaluated, "vector {place}");

        let clients: Vec<VoprfClient<NistP256>> = all(vector.blinds)
            .iter()
            .zip(all(vector.blinded))
            .map(|(blind, element)| {
                VoprfClient::deserialize(&[blind.clone(), element].concat()).unwrap()
            })
            .collect();
        let messages: Vec<EvaluationElement<NistP256>> = all(vector.evaluated)
            .iter()
            .map(|bytes| EvaluationElement::deserialize(bytes).unwrap())
            .collect();
        let proof = Proof::deserialize(&unhex(vector.proof).unwrap()).unwrap();
        let inputs = all(vector.inputs);
        let point = server.get_public_key();
        let outputs = VoprfClient::batch_finalize::<&Vec<u8>, Vec<Vec<u8>>, Vec<_>, Vec<_>>(
            &inputs, &clients, &messages, &proof, point,
        );
        let outputs: Vec<Vec<u8>> = outputs
            .unwrap()
            .map(|output| output.unwrap().to_vec())
            .collect();
        assert_eq!(outputs, all(vector.outputs), "vector {place}");
        // What the holder of the key computes without blinding is the same.
        for (input, output) in inputs.iter().zip(&outputs) {
            assert_eq!(
                server.evaluate(input).unwrap().to_vec(),
                *output,
                "vector {place}"
            );
        }
    }
}
