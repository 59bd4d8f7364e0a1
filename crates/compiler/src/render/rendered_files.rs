//! Files that were rendered before, and have not changed.

use std::sync::Arc;

use super::{context::RenderContext, represent::Represented};
use crate::{
    compile_cache::{CompileCache, FILES_MAX, RenderKey, Rendered, RenderedByPath},
    file_identity::FileIdentity,
};

/// The cached files of a site, if there is a cache.
#[derive(Debug)]
pub(super) struct RenderedFiles<'a>(Option<(&'a CompileCache, Arc<RenderedByPath>)>);

impl<'a> RenderedFiles<'a> {
    pub(super) fn of_context(context: &'a RenderContext) -> Self {
        Self(context.compile_cache.as_ref().map(|cache| (cache, cache.rendered())))
    }

    /// A file with this identity.
    pub(super) fn get(
        &self,
        path: &str,
        identity: Option<FileIdentity>,
        key: impl FnOnce() -> RenderKey,
    ) -> Option<Represented> {
        let rendered = self.0.as_ref()?.1.get(path)?;
        let is_same = Some(rendered.identity) == identity && rendered.key == key();
        is_same.then(|| rendered.represented.clone())
    }

    /// Keeps files for the next time, if they are in memory.
    pub(super) fn keep<'r>(
        self,
        files: impl Iterator<Item = (&'r str, Option<FileIdentity>, RenderKey, &'r Represented)>,
    ) {
        let Some((cache, _)) = self.0 else { return };
        let kept = files.filter_map(|(path, identity, key, represented)| {
            let identity = identity.filter(|it| cache.may_keep(it))?;
            let represented = is_in_memory(represented).then(|| represented.clone())?;
            Some((path.into(), Rendered { identity, key, represented }))
        });
        cache.set_rendered(kept.take(FILES_MAX).collect());
    }
}

/// Whether no content is in a file of the folder: such a file may be opened by its folder only.
fn is_in_memory(represented: &Represented) -> bool {
    let of_resources = represented.resources.iter().flat_map(|it| &it.representations);
    let mut contents = of_resources.map(|it| &it.content).chain(&represented.original);
    contents.all(|content| content.folder_file().is_none())
}
