//! An import without a task: whoever asked waits for its end. Cut in the middle, it is simply asked for again.

use crate::domain::actor::Actor;
use crate::domain::bulk::ImportProgress;

use super::adopting::Work;
use super::{Error, Imports, Permission, require};

impl Imports {
    /// Goes on by a page; the progress after it, and whether that was all.
    ///
    /// # Errors
    /// `Forbidden`, `Panel`, `Database`.
    pub async fn go_on(&self, by: &Actor, import: ImportProgress) -> Result<(ImportProgress, bool), Error> {
        require(by, Permission::Import)?;
        let page = self.page(import.next).await?;
        let work = Work { actor: &by.label(), task: None };
        let done = self.take_in(work, import, page).await?;
        done.ok_or_else(|| Error::Internal("an import without a task was stopped".to_owned()))
    }
}
