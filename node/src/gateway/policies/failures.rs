//! Why a policy gave no answer, as codes and sentences: what the decisions of record say then.

use crate::policy::Failure;

/// The stable code of a failure; also the code of the reason in the decisions that stay undetermined.
pub(super) fn code(failure: &Failure) -> &'static str {
    match failure {
        Failure::OutOfFuel => "policy-out-of-fuel",
        Failure::TimedOut => "policy-timed-out",
        Failure::OutOfMemory { .. } => "policy-out-of-memory",
        Failure::Trapped { .. } => "policy-trapped",
        Failure::OutputTooLarge => "policy-output-too-large",
        Failure::Declined { .. } => "policy-declined",
        Failure::Rubbish(_) => "policy-broken-answer",
        Failure::Input(_) => "policy-wrong-input",
        Failure::Broken { .. } => "policy-cannot-run",
        Failure::Crashed { .. } => "policy-crashed",
        Failure::Unavailable { .. } => "policy-unavailable",
        Failure::Suspended { .. } => "policy-suspended",
    }
}

/// Whether a failure need not come again when the same is asked again: what it left is an attempt, outside of replay.
pub(super) fn is_attempt(code: &str) -> bool {
    matches!(
        code,
        "policy-out-of-fuel"
            | "policy-timed-out"
            | "policy-cannot-run"
            | "policy-crashed"
            | "policy-unavailable"
            | "policy-suspended"
    )
}

/// The sentences of a code (zh, en).
pub(super) fn sentences(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "policy-out-of-fuel" => (
            "政策程序超出运算额度，转人工处理",
            "the policy used up its budget of instructions; a person decides",
        ),
        "policy-timed-out" => (
            "政策程序超时，转人工处理",
            "the policy did not answer in time; a person decides",
        ),
        "policy-out-of-memory" => (
            "政策程序超出内存限制，转人工处理",
            "the policy wanted more memory than it may have; a person decides",
        ),
        "policy-trapped" => (
            "政策程序中断，转人工处理",
            "the policy stopped; a person decides",
        ),
        "policy-output-too-large" => (
            "政策程序输出过大，转人工处理",
            "the policy handed back more than it may; a person decides",
        ),
        "policy-declined" => (
            "政策程序拒绝判断，转人工处理",
            "the policy declines to judge; a person decides",
        ),
        "policy-broken-answer" => (
            "政策程序的结果不合规则，转人工处理",
            "the policy's answer breaks a rule; a person decides",
        ),
        "policy-wrong-input" => (
            "资料与政策程序不相符，转人工处理",
            "the facts do not fit the policy; a person decides",
        ),
        "policy-cannot-run" => (
            "政策程序无法运行，转人工处理",
            "the policy cannot be run; a person decides",
        ),
        "policy-crashed" => (
            "政策程序的进程异常结束，转人工处理",
            "the process of the policy ended; a person decides",
        ),
        "policy-unavailable" => (
            "政策程序暂时无法启动，转人工处理",
            "there was no process to run the policy; a person decides",
        ),
        "policy-suspended" => (
            "政策程序连续出错，已暂停使用，转人工处理",
            "the policy kept failing and is suspended; a person decides",
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_the_failures_that_need_not_come_again() {
        let text = || "cause".to_owned();
        let failures = [
            Failure::OutOfFuel,
            Failure::TimedOut,
            Failure::OutOfMemory { limit: 1 },
            Failure::Trapped {
                cause: text(),
                last_words: None,
            },
            Failure::OutputTooLarge,
            Failure::Declined { reason: text() },
            Failure::Broken { cause: text() },
            Failure::Crashed { how: text() },
            Failure::Unavailable { cause: text() },
            Failure::Suspended {
                seconds: 1,
                cause: text(),
            },
        ];
        for failure in failures {
            let code = code(&failure);
            assert_eq!(is_attempt(code), !failure.is_reproducible(), "{code}");
            assert!(sentences(code).is_some(), "{code}");
        }
    }
}
