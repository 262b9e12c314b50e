//! Policies run in confined children: whatever one does to its own, the node and all others go on.

mod confinement;
mod machine_code;
mod node;

use std::{
    fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command, thread, time::Duration,
};

use lika::policy::{
    Failure, Host, HostProgram, Input, InputBuilder, Limits, Outcome, Policy, Refusal, Settings,
    Value,
};
use lika_guests::{
    FORBIDDEN_IMPORT, HONEST, HUGE_ANSWER, LOOP, MEMORY_BOMB, RECURSION, WRONG_VERSION, component,
    guest, guest_that_reads, only_at_666,
};
use lika_tests::{built, until};

/// Limits under which a loop ends by its time, soon.
fn quick() -> Limits {
    Limits {
        fuel: u64::MAX / 2,
        time: Duration::from_millis(300),
        ..Limits::default()
    }
}

/// Limits under which a loop ends only when somebody ends its process.
fn patient() -> Limits {
    Limits {
        time: Duration::from_secs(300),
        ..quick()
    }
}

fn host(limits: Limits) -> Host {
    // A child's last words are told to the log.
    lika::telemetry::start();
    Host::start(HostProgram::At(built::binary()), limits).unwrap()
}

/// A policy with the settings that it takes.
#[derive(Clone)]
struct Admitted {
    policy: Policy,
    settings: Settings,
}

impl Admitted {
    fn new(host: &Host, body: &str) -> Self {
        let policy = host.admit(&guest(body)).unwrap();
        let settings = policy.settings("{}").unwrap();
        Self { policy, settings }
    }

    /// A household with so many fen.
    fn input(&self, income: i64) -> Input {
        let mut builder = InputBuilder::new(self.policy.describe(), 0);
        builder.row(0, None, |_| Value::Fen(income)).unwrap();
        builder.finish()
    }

    fn judge(&self, income: i64) -> Result<(), Failure> {
        let input = self.input(income);
        let answer = self.policy.evaluate(&self.settings, &input).result?;
        assert_eq!(answer.decisions[0].outcome, Outcome::Undetermined);
        Ok(())
    }

    /// The process that waits for its next call.
    #[track_caller]
    fn process(&self, host: &Host) -> u32 {
        let idle = host.idle();
        let own = idle
            .iter()
            .find(|(digest, _)| *digest == self.policy.digest());
        own.unwrap().1
    }
}

fn signal(name: &str, process: u32) {
    let kill = format!("kill -{name} {process} 2>/dev/null");
    // It may have ended already.
    let _ = Command::new("sh").args(["-c", &kill]).status().unwrap();
}

/// What the system says of a process, from its state on.
fn stat(process: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

/// Processor time of a process in ticks of 10 ms; none when it has ended.
fn ticks(process: u32) -> Option<u64> {
    let fields = stat(process)?;
    // The first thread may have ended while others end yet.
    let ended = fields[0] == "Z" && fields[17].parse::<u32>().unwrap() <= 1;
    (!ended).then(|| fields[11].parse().unwrap())
}

fn until_it_works_hard(process: u32) {
    let before = ticks(process).unwrap();
    until("the child is at work", || {
        (ticks(process)? > before + 3).then_some(())
    });
}

fn until_it_has_ended(process: u32) {
    until("the child has ended", || {
        ticks(process).is_none().then_some(())
    });
}

fn write_program(path: &Path, script: &str) {
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The children of a process.
fn children(process: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let of_task = |task: std::io::Result<fs::DirEntry>| {
        let list = fs::read_to_string(task.unwrap().path().join("children"));
        let list = list.unwrap_or_default();
        let ids = list.split_whitespace().map(|id| id.parse().unwrap());
        ids.collect::<Vec<u32>>()
    };
    tasks.flat_map(of_task).collect()
}

#[test]
fn each_hostile_guest_fails_in_its_own_way_and_an_honest_one_is_heard_after_it() {
    let host = host(quick());
    let honest = Admitted::new(&host, HONEST);
    let fails = |body: &str| {
        let failure = Admitted::new(&host, body).judge(1).unwrap_err();
        assert_eq!(honest.judge(1), Ok(()), "after {failure}");
        failure
    };
    assert_eq!(fails(LOOP), Failure::TimedOut);
    assert_eq!(fails(MEMORY_BOMB), Failure::OutOfMemory { limit: 64 << 20 });
    assert_eq!(fails(HUGE_ANSWER), Failure::OutputTooLarge);
    assert!(matches!(fails("(unreachable)"), Failure::Trapped { .. }));
    assert!(matches!(fails(RECURSION), Failure::Trapped { .. }));
    assert!(matches!(fails("(i32.const 512)"), Failure::Rubbish(_)));
    let fuel = Host::start(HostProgram::At(built::binary()), Limits::default()).unwrap();
    assert_eq!(Admitted::new(&fuel, LOOP).judge(1), Err(Failure::OutOfFuel));
}

#[test]
fn what_the_child_refuses_is_told_by_type() {
    let host = host(quick());
    let refusal = |text| host.admit(&component(text)).err();
    let import = "wasi:clocks/monotonic-clock@0.2.0".to_owned();
    let version = "lika:policy/subject-policy@0.2.0".to_owned();
    let forbidden = Refusal::ForbiddenImport { name: import };
    assert_eq!(refusal(FORBIDDEN_IMPORT), Some(forbidden));
    let wrong = Refusal::WrongVersion { found: version };
    assert_eq!(refusal(WRONG_VERSION), Some(wrong));
    assert_eq!(refusal("(module)"), Some(Refusal::CoreModule));
    assert_eq!(refusal("(component)"), Some(Refusal::NoPolicy));
    assert!(matches!(
        host.admit(b"rubbish").err(),
        Some(Refusal::Malformed { .. })
    ));
    // What it says of itself is parsed on the node's side.
    let text = guest_that_reads("income", "furlong", HONEST);
    assert!(matches!(
        host.admit(&text).err(),
        Some(Refusal::Manifest(_))
    ));
    assert_eq!(host.idle(), []);
}

#[test]
fn what_is_tried_waits_for_what_decides_for_the_record() {
    let nice = |process: u32| stat(process).unwrap()[16].parse::<i32>().unwrap();
    let host = host(quick());
    let tried = Admitted::new(&host.apart().unwrap(), HONEST);
    let decides = Admitted::new(&host, HUGE_ANSWER);
    assert!(nice(tried.process(&host)) >= 10);
    assert_eq!(nice(decides.process(&host)), nice(std::process::id()));
}

/// One policy loops until its child is ended by a signal; another is asked meanwhile.
fn ended_while_it_runs(end: impl Fn(u32), named: &str) {
    let host = host(patient());
    let honest = Admitted::new(&host, HONEST);
    let looping = Admitted::new(&host, &only_at_666(LOOP));
    let process = looping.process(&host);
    let judging = thread::spawn({
        let looping = looping.clone();
        move || looping.judge(666)
    });
    until_it_works_hard(process);
    for _ in 0..10 {
        assert_eq!(honest.judge(1), Ok(()));
    }
    end(process);
    let failure = judging.join().unwrap().unwrap_err();
    let Failure::Crashed { how } = &failure else {
        panic!("{failure}")
    };
    assert!(how.contains(named), "{how}");
    assert!(!failure.is_reproducible());
    assert_eq!(looping.judge(1), Ok(()));
    assert_ne!(looping.process(&host), process);
    assert_eq!(honest.judge(1), Ok(()));
}

#[test]
fn a_child_that_is_killed_costs_the_one_call() {
    ended_while_it_runs(|process| signal("KILL", process), "SIGKILL");
}

#[test]
fn a_child_that_crashes_costs_the_one_call() {
    let crash = |process| {
        // The engine looks at the first such signal, which is not of its making, and lets go.
        until("the child has crashed", || {
            signal("SEGV", process);
            ticks(process).is_none().then_some(())
        });
    };
    ended_while_it_runs(crash, "SIGSEGV");
}

#[test]
fn a_child_that_ended_between_two_calls_costs_none() {
    let host = host(quick());
    let honest = Admitted::new(&host, HONEST);
    let process = honest.process(&host);
    signal("KILL", process);
    until_it_has_ended(process);
    assert_eq!(honest.judge(1), Ok(()));
    assert_ne!(honest.process(&host), process);
}

#[test]
fn a_child_that_does_not_answer_is_ended_soon_after_the_engines_own_deadline() {
    let host = host(quick());
    let honest = Admitted::new(&host, HONEST);
    let process = honest.process(&host);
    signal("STOP", process);
    assert_eq!(honest.judge(1), Err(Failure::TimedOut));
    assert_eq!(ticks(process), None);
    assert_eq!(honest.judge(1), Ok(()));
}

#[test]
fn a_policy_that_keeps_failing_is_suspended_and_no_other() {
    let host = host(quick());
    let honest = Admitted::new(&host, HONEST);
    let failing = Admitted::new(&host, &only_at_666("(unreachable)"));
    for _ in 0..5 {
        assert!(matches!(failing.judge(666), Err(Failure::Trapped { .. })));
    }
    // Even what it would answer well.
    let Err(Failure::Suspended { seconds, cause }) = failing.judge(1) else {
        panic!("not suspended")
    };
    assert!((1..=10).contains(&seconds), "{seconds}");
    assert!(cause.contains("unreachable"), "{cause}");
    assert_eq!(honest.judge(1), Ok(()));
}

#[test]
fn a_preview_names_the_subject_that_fails_without_suspending_the_policy() {
    let host = host(quick());
    let policy = Admitted::new(&host, &only_at_666("(unreachable)"));
    for _ in 0..5 {
        // It answers for one household only, so every larger part is rubbish and cut.
        let mut builder = InputBuilder::new(policy.policy.describe(), 0);
        for income in [1, 2, 3, 666, 5, 6, 7, 8] {
            builder.row(0, None, |_| Value::Fen(income)).unwrap();
        }
        let (parts, peak) = policy
            .policy
            .preview_in_parts(&policy.settings, &builder.finish());
        // What the child counts comes over.
        assert!(peak.fuel > 0 && peak.memory > 0, "{peak:?}");
        let failed: Vec<_> = parts.iter().filter(|part| part.result.is_err()).collect();
        assert_eq!(parts.len(), 8);
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].subjects, 3..4);
        assert!(matches!(failed[0].result, Err(Failure::Trapped { .. })));
    }
    assert_eq!(policy.judge(1), Ok(()));
}

#[test]
fn more_policies_than_processes_take_turns() {
    let host = host(quick());
    let policies: Vec<Admitted> = (0..10)
        .map(|number| Admitted::new(&host, &format!("(drop (i32.const {number})) {HONEST}")))
        .collect();
    for _ in 0..2 {
        for policy in &policies {
            assert_eq!(policy.judge(1), Ok(()));
            assert!(host.idle().len() <= 8);
        }
    }
}

#[test]
fn a_program_that_is_no_host_is_a_failure_and_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let says = |name: &str, script: &str| {
        let path = folder.path().join(name);
        write_program(&path, &format!("#!/bin/sh\n{script}\n"));
        let host = Host::start(HostProgram::At(path), quick()).unwrap();
        match host.admit(&guest(HONEST)) {
            Err(Refusal::Host(Failure::Unavailable { cause })) => cause,
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("admitted"),
        }
    };
    assert!(says("ends", "exit 3").contains("exit status: 3"));
    // Lengths of 20 MiB, which nobody reads; it is not waited for either.
    let long = says(
        "long",
        r"printf '\000\000\100\001\000\000\000\000'; exec sleep 600",
    );
    assert!(long.contains("longer than allowed"), "{long}");
    let rubbish = says(
        "rubbish",
        r"printf '\001\000\000\000\000\000\000\000\377'; exec sleep 600",
    );
    assert!(rubbish.contains("without a meaning"), "{rubbish}");
    let nothing = HostProgram::At(folder.path().join("nothing"));
    let nothing = Host::start(nothing, quick())
        .unwrap()
        .admit(&guest(HONEST))
        .err();
    assert!(matches!(
        nothing,
        Some(Refusal::Host(Failure::Unavailable { .. }))
    ));
}
