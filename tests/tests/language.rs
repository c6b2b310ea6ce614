//! The scripts of `tests/language` and `tests/regressions`: what a line prints stands in a comment on it (`// expect: …`), and so does the
//! reason of a collapse (`// trap: R0002`) or the code of the only error (`// error: G0401`).

use std::path::Path;

use codex_tests::{Setup, compile, root, run, scripts};

fn comments(text: &str, marker: &str) -> Vec<String> {
    text.lines().filter_map(|l| l.split_once(marker)).map(|(_, rest)| rest.trim().to_owned()).collect()
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect()
}

/// Runs one script in all ways; gives what is wrong with it.
fn check(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let wanted_error = comments(&text, "// error:");
    let program = match compile(path) {
        Ok(_) if !wanted_error.is_empty() => return Err("it compiles".to_owned()),
        Ok(program) => program,
        Err(messages) => {
            let found = wanted_error.iter().all(|code| messages.contains(code.as_str())) && !wanted_error.is_empty();
            return if found { Ok(()) } else { Err(messages) };
        }
    };
    let whole = run(&program, &Setup::default());
    let expected: Vec<String> = comments(&text, "// expect:").into_iter().filter(|l| !l.is_empty()).collect();
    if lines(&whole.output) != expected {
        return Err(format!("it prints\n{}\n{}", whole.output, whole.report));
    }
    let trap = comments(&text, "// trap:").first().and_then(|t| t.split_whitespace().next().map(str::to_owned));
    if whole.trap != trap {
        return Err(format!("it ends with {:?}, not {trap:?}", whole.trap));
    }
    let watch = Setup { quantum: whole.fuel / 12 + 1, watch: true, ..Setup::default() };
    let plain = run(&program, &watch);
    let copied = run(&program, &Setup { reload: true, ..watch });
    if plain != copied || copied.output != whole.output {
        return Err("interrupted, it does something else".to_owned());
    }
    Ok(())
}

#[test]
fn scripts_do_what_they_say() {
    let mut all = scripts::all(&root().join("tests/language"));
    all.extend(scripts::all(&root().join("tests/regressions")));
    assert!(all.len() > 50, "only {} scripts", all.len());
    let wrong: Vec<String> =
        all.iter().filter_map(|path| check(path).err().map(|why| format!("── {}\n{why}", path.display()))).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}
