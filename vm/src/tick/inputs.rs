//! The first part of a tick: what enters.

use codex_spec::module::Unanswered;

use super::Input;
use crate::actor::Status;
use crate::interpreter::messages::Pending;
use crate::world::World;

/// Makes an input part of the world.
pub(super) fn apply(world: &mut World, input: &Input) {
    match input {
        Input::Clock(milliseconds) => {
            // A host's clock may be set back; the world's never goes back.
            world.clock = world.clock.max(*milliseconds);
            fire(world);
        }
        Input::Reply { request, status, bytes } => {
            let Some(id) = world.requests.remove(request) else { return };
            if let Some(rare) = world.find_mut(id).and_then(|actor| actor.rare.as_mut()) {
                rare.asked = None;
            }
            go_on(world, id, Pending::Reply(*status, bytes.clone()));
        }
    }
}

/// Wakes those whose time has come.
fn fire(world: &mut World) {
    while let Some((key, id)) = world.timers.take_due(world.clock) {
        let Some(actor) = world.find_mut(id) else { continue };
        if actor.seldom().timer != Some(key) {
            continue;
        }
        actor.rare().timer = None;
        match actor.status {
            Status::Sleeping => go_on(world, id, Pending::Slept),
            Status::Waiting { ask, .. } => {
                world.forget_ask(ask);
                go_on(world, id, Pending::None(Unanswered::TimedOut));
            }
            _ => {}
        }
    }
}

/// Lets a container that waits go on with something.
pub(super) fn go_on(world: &mut World, id: u64, pending: Pending) {
    let Some(slot) = world.slot(id) else { return };
    world.at(slot).pending = Some(Box::new(pending));
    world.wake(slot);
}
