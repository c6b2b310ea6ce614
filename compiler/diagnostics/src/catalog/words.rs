//! Small parts of sentences that many messages share.

/// `an Int`, `a Text`: a type with its article.
pub(super) fn article(ty: &str) -> String {
    let an = ty.starts_with(['A', 'E', 'I', 'O', 'U']);
    match ty {
        "_" => "of a type that is not known yet".to_owned(),
        "()" => "`()`".to_owned(),
        _ if an => format!("an `{ty}`"),
        _ => format!("a `{ty}`"),
    }
}

/// `a`, `b` and `c`, each in backquotes.
pub(super) fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [before @ .., last] => {
            let before: Vec<String> = before.iter().map(|n| format!("`{n}`")).collect();
            format!("{} and `{last}`", before.join(", "))
        }
    }
}
