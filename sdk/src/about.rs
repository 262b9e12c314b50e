/// What a policy is and what it is for.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Name, for example `village-team`.
    pub name: &'static str,
    /// Version, three numbers joined by points; usually `env!("CARGO_PKG_VERSION")`.
    pub version: &'static str,
    /// What it can be enacted for, for example `pairing` or `screening`.
    pub purpose: &'static str,
    /// What it does, in one Chinese sentence.
    pub zh: &'static str,
    /// What it does, in one English sentence.
    pub en: &'static str,
}
