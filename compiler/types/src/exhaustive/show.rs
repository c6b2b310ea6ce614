//! Missing values as patterns, as code to paste.

use super::{Check, Head, Witness};
use crate::typed::DataId;

impl Check<'_, '_> {
    pub(super) fn show(&self, witness: &Witness) -> String {
        let list = |parts: &[Witness]| parts.iter().map(|w| self.show(w)).collect::<Vec<_>>();
        match witness {
            Witness::Any => "_".to_owned(),
            Witness::Head(Head::Bool(b), _) => b.to_string(),
            Witness::Head(Head::Tuple, parts) => format!("({})", list(parts).join(", ")),
            Witness::Head(Head::Variant(id, v), parts) => {
                let name = self.variant_name(*id, *v);
                if parts.is_empty() {
                    return name;
                }
                if parts.iter().all(|p| matches!(p, Witness::Any)) && parts.len() > 2 {
                    return format!("{name}(..)");
                }
                format!("{name}({})", list(parts).join(", "))
            }
            Witness::Int(lo, hi) if lo == hi => lo.to_string(),
            // A range without an end has no spelling; `_` covers it.
            Witness::Int(i64::MIN, _) | Witness::Int(_, i64::MAX) => "_".to_owned(),
            Witness::Int(lo, hi) => format!("{lo}..={hi}"),
            Witness::List(parts, open) => {
                let mut parts = list(parts);
                if *open {
                    parts.push("..".to_owned());
                }
                format!("[{}]", parts.join(", "))
            }
        }
    }

    /// A variant's name as it can be written in the module.
    fn variant_name(&self, id: DataId, variant: u32) -> String {
        let name = self.world.variant_ident(id, variant).name;
        if self.world.variant_named(self.module, name) == Some((id, variant)) {
            return name.as_str().to_owned();
        }
        let of = self.world.data[id.index()].module;
        let here = self.world.module(self.module);
        let mut aliases: Vec<&str> =
            here.aliases.iter().filter(|(_, (m, _))| *m == of).map(|(n, _)| n.as_str()).collect();
        aliases.sort_unstable();
        let module = aliases.first().copied().unwrap_or(&self.world.module(of).name);
        format!("{module}.{name}")
    }
}
