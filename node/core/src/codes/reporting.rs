//! Lists about reporting.

use super::{CodeList, entry};

/// What is done with a report.
pub(super) static ACT: CodeList = CodeList {
    name: "report-act",
    entries: &[
        entry("reported", "上报", "reported", &[]),
        entry("reopened", "退回重开", "opened again", &[]),
    ],
};
