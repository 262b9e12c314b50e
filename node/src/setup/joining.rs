//! Joins a node to the one above, and to others that it calls for tokens.

use std::path::Path;

use super::{Error, read_config, write_config};
use crate::{
    clock::Clock,
    config::{self, Config},
    enrolment::{Invitation, Joining, Peer},
    pki::{Certificate, Identity},
    wire::enrolment,
};

/// Gets this node a certificate of the node above, and writes down where that one is. `signing_key` is the key with which
/// this node signs its log, where it has one.
///
/// Whatever interrupts it, it may be called again with the same invitation.
pub async fn join(
    config: &Path,
    invitation: &Invitation,
    signing_key: Option<[u8; 32]>,
    clock: &dyn Clock,
) -> Result<Certificate, Error> {
    join_peer(config, Peer::Upper, invitation, signing_key, clock).await
}

/// The same for any node that this one calls.
pub async fn join_peer(
    config: &Path,
    peer: Peer,
    invitation: &Invitation,
    signing_key: Option<[u8; 32]>,
    clock: &dyn Clock,
) -> Result<Certificate, Error> {
    let read = Config::read(config)?;
    let own = Identity::Node {
        node: read.node,
        area: read.area,
    };
    let joining = Joining::begin(&read.certificates, own, peer)?;
    let answered = enrolment::enrol(invitation, &joining, signing_key).await?;
    let certificate = joining.join(&answered, invitation.fingerprint, clock.now_ms())?;
    let mut file = read_config(config)?;
    let address = invitation.address.clone();
    match peer {
        Peer::Upper => {
            let before = file.upper.as_ref();
            file.upper = Some(config::Upper {
                address,
                most_bytes_per_second: before.and_then(|upper| upper.most_bytes_per_second),
            });
        }
        Peer::KeyHolder => {
            file.duplicates.key_holder = Some(address);
            let comparing = &mut file.duplicates.comparing;
            comparing.get_or_insert_with(|| "upper".to_owned());
        }
        Peer::Comparing => {
            file.duplicates.comparing = Some(address);
            let key_holder = &mut file.duplicates.key_holder;
            key_holder.get_or_insert_with(|| "upper".to_owned());
        }
    }
    write_config(config, &file)?;
    joining.finish()?;
    Ok(certificate)
}
