//! A value that another thread may have for a while: whoever needs it meanwhile waits.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// See the module's documentation. `None` while it is away.
#[derive(Debug)]
pub(crate) struct Loan<T> {
    place: Mutex<Option<T>>,
    back: Condvar,
}

/// The value, away from its place. It goes back when this is dropped; if that happens in a panic, what goes back is a new one, for
/// the value may be half changed.
#[derive(Debug)]
pub(crate) struct Lent<T: Default> {
    value: Option<T>,
    home: Arc<Loan<T>>,
}

impl<T> Default for Loan<T>
where
    T: Default,
{
    fn default() -> Loan<T> {
        Loan { place: Mutex::new(Some(T::default())), back: Condvar::new() }
    }
}

impl<T: Default> Loan<T> {
    fn wait(&self) -> MutexGuard<'_, Option<T>> {
        // Whoever panics here leaves a value that is there or away; half changed it is only in `Lent` and `with`, see there.
        let place = self.place.lock().unwrap_or_else(|e| e.into_inner());
        self.back.wait_while(place, |place| place.is_none()).unwrap_or_else(|e| e.into_inner())
    }

    /// Does something with the value, once it is here.
    pub(crate) fn with<R>(self: &Arc<Self>, work: impl FnOnce(&mut T) -> R) -> R {
        work(&mut self.lend())
    }

    /// Gives the value away, once it is here.
    pub(crate) fn lend(self: &Arc<Self>) -> Lent<T> {
        Lent { value: self.wait().take(), home: self.clone() }
    }
}

impl<T: Default> Deref for Lent<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("it is here until it is dropped")
    }
}

impl<T: Default> DerefMut for Lent<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("it is here until it is dropped")
    }
}

impl<T: Default> Drop for Lent<T> {
    fn drop(&mut self) {
        let value = if std::thread::panicking() { None } else { self.value.take() };
        *self.home.place.lock().unwrap_or_else(|e| e.into_inner()) = Some(value.unwrap_or_default());
        self.home.back.notify_all();
    }
}
