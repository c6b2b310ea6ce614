mod common;
#[test]
fn smoke() {
    for (i, file) in std::fs::read_dir("/tmp/glyphs")
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .enumerate()
    {
        let text = std::fs::read_to_string(&file).unwrap();
        let program = common::core(&text);
        if std::env::var("SHOW").is_ok() {
            println!("{}", codex_core::print::program(&program));
        }
        let out = common::run(&text);
        println!(
            "{i} {}: {:?} {} steps\n{}",
            file.display(),
            out.end,
            out.steps,
            out.stdout()
        );
    }
}
