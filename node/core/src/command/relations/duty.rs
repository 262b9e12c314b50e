//! What must hold between posts, duties, and what was done of them.

use super::{Circumstances, Kind, Result, has_come, malformed, reads, refers, same_area, same_id};
use crate::{
    command::{ChangeError, Outline, Refusal, Registry},
    duties,
    record::{Body, Bound, Duty, Fault, Index, Key, LoanStage, Post, Problem, Record, Task},
    value::{ActorId, RecordId},
};

/// A post is held by an open cadre, where there is such an office, and once at a time; who holds it and as what stays.
pub(super) fn check_post<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    post: &Post,
    circumstances: &Circumstances,
) -> Result<R> {
    has_come("from", post.from, circumstances)?;
    if let Some(until) = post.until {
        has_come("until", until, circumstances)?;
    }
    if after.closed {
        return Ok(());
    }
    if let Some(Body::Post(known)) = before.map(|record| &record.body) {
        let same = [
            ("cadre", known.cadre == post.cadre),
            ("role", known.role == post.role),
            ("from", known.from == post.from),
            ("until", known.until.is_none() || known.until == post.until),
        ];
        return match same.into_iter().find(|(_, same)| !same) {
            Some((field, _)) => {
                let problem = "stays what it was; end this post and create another";
                Err(malformed(field, problem).into())
            }
            None => Ok(()),
        };
    }
    if post
        .level()
        .is_some_and(|level| level != after.area.level())
    {
        return Err(malformed("role", "is an office of areas of another level").into());
    }
    refers(registry, "cadre", Kind::Cadre, &post.cadre)?;
    for (known, other) in posts_of(registry, &post.cadre)? {
        let is_same = known.area == after.area && other.role == post.role;
        if known.id != after.id && is_same && overlaps(&other, post) {
            return Err(Refusal::AlreadyInPost(known.id).into());
        }
    }
    Ok(())
}

fn overlaps(one: &Post, other: &Post) -> bool {
    match (one.span(), other.span()) {
        (Some(one), Some(other)) => one.overlaps(&other),
        _ => false,
    }
}

/// A cadre is closed after the posts that they hold: an office is held by somebody.
pub(super) fn ended_posts<R: Registry>(registry: &R, after: &Record) -> Result<R> {
    if !after.closed {
        return Ok(());
    }
    let posts = posts_of(registry, &after.id)?;
    match posts
        .iter()
        .filter(|(.., post)| post.until.is_none())
        .count()
    {
        0 => Ok(()),
        posts => Err(Refusal::StillInPost {
            cadre: after.id,
            posts,
        }
        .into()),
    }
}

fn posts_of<R: Registry>(
    registry: &R,
    cadre: &RecordId,
) -> std::result::Result<Vec<(Record, Post)>, ChangeError<R::Error>> {
    let key = Key::record(Index::PostsOfCadre, cadre);
    let mut posts = Vec::new();
    for id in registry.with_key(&key).map_err(ChangeError::Registry)? {
        let record = registry.current(&id).map_err(ChangeError::Registry)?;
        if let Some(record) = record
            && let Body::Post(post) = &record.body
        {
            let post = post.clone();
            posts.push((record, post));
        }
    }
    Ok(posts)
}

/// Whether a record keeps its area from being closed: what has ended or was settled stays after it, and so does whoever
/// money comes from or goes to.
pub(super) fn is_going_on<R: Registry>(
    registry: &R,
    kind: Kind,
    id: &RecordId,
) -> std::result::Result<bool, ChangeError<R::Error>> {
    if !matches!(
        kind,
        Kind::Post | Kind::Finding | Kind::Loan | Kind::Account
    ) {
        return Ok(true);
    }
    let record = registry.current(id).map_err(ChangeError::Registry)?;
    Ok(match record.map(|record| record.body) {
        Some(Body::Post(post)) => post.until.is_none(),
        Some(Body::Finding(finding)) => finding.settled.is_none(),
        Some(Body::Loan(loan)) => !loan.has_reached(LoanStage::Repaid),
        Some(Body::Account(account)) => account.fund().is_some(),
        _ => true,
    })
}

/// What a duty says never changes: what was due stays due. It may end.
pub(super) fn check<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    duty: &Duty,
) -> Result<R> {
    same_id(after, duty.id_in(&after.area))?;
    if let Some(Body::Duty(known)) = before.map(|record| &record.body) {
        return match known.altered(duty) {
            Some(field) => {
                let problem = "stays what it was; end this duty and create another";
                Err(malformed(field, problem).into())
            }
            None => Ok(()),
        };
    }
    match &duty.bound {
        Bound::Roles(_) => Ok(()),
        Bound::One(one) => {
            let subject = refers(registry, "subject", one.kind, &one.id)?;
            within(after, &subject)
        }
    }
}

fn within<E>(after: &Record, subject: &Outline) -> std::result::Result<(), ChangeError<E>> {
    if after.area.contains(&subject.area) {
        return Ok(());
    }
    Err(Refusal::OtherArea {
        current: subject.area,
        wanted: after.area,
    }
    .into())
}

/// A task is of a duty that falls due for its holder in its period, and is done when that has begun.
pub(super) fn check_task<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    task: &Task,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    let id = Task::id_for(&task.duty, &task.holder.id, task.period);
    same_id(after, id)?;
    has_come("on", task.on, circumstances)?;
    if task.on < task.period {
        return Err(Refusal::TaskBeforePeriod {
            on: task.on,
            from: task.period,
        }
        .into());
    }
    if after.closed {
        return Ok(());
    }
    // The holder of what was done before may have gone since; who it was follows from the id.
    let holder = match before {
        Some(_) => registry
            .current(&task.holder.id)
            .map_err(ChangeError::Registry)?,
        None => Some(owes(registry, after, task)?),
    };
    let cadre = holder.as_ref().and_then(duties::cadre_of);
    if task.is_excused() {
        excused_by_another(registry, task, cadre, actor)?;
    }
    Ok(())
}

fn owes<R: Registry>(
    registry: &R,
    after: &Record,
    task: &Task,
) -> std::result::Result<Record, ChangeError<R::Error>> {
    let record = reads(registry, "duty", Kind::Duty, &task.duty)?;
    let holder = reads(registry, "holder", task.holder.kind, &task.holder.id)?;
    same_area(after, &Outline::of(&holder))?;
    let Body::Duty(duty) = &record.body else {
        return Err(malformed("duty", "is no duty").into());
    };
    let period = duty
        .period_of(task.period)
        .filter(|period| period.first == task.period);
    let Some(period) = period else {
        let problem = "is not the first day of a period of the duty";
        return Err(malformed("period", problem).into());
    };
    let span = duties::bound(duty, &record.area, &holder);
    if span.is_some_and(|span| duties::is_owed(duty, &span, &period)) {
        return Ok(holder);
    }
    Err(Refusal::NotOwed {
        duty: task.duty,
        holder: task.holder.id,
        period: task.period,
    }
    .into())
}

/// What is not done is excused in words, and by somebody else than the cadre who owes it.
fn excused_by_another<R: Registry>(
    registry: &R,
    task: &Task,
    cadre: Option<RecordId>,
    actor: ActorId,
) -> Result<R> {
    if task.note.as_ref().is_none_or(Option::is_none) {
        return Err(Refusal::Invalid(Fault::new("note", Problem::Missing)).into());
    }
    let officer = registry
        .current(&RecordId(actor.0))
        .map_err(ChangeError::Registry)?;
    match officer.map(|record| record.body) {
        Some(Body::Officer(officer)) if cadre.is_some() && officer.cadre == cadre => {
            Err(Refusal::ExcusesOneself.into())
        }
        _ => Ok(()),
    }
}
