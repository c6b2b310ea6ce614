#[test]
fn assemble_all() {
    for e in std::fs::read_dir("/tmp/bench").unwrap() {
        let p = e.unwrap().path();
        if p.extension().is_some_and(|e| e == "asm") {
            let m = codex_spec::text::assemble(&std::fs::read_to_string(&p).unwrap()).unwrap_or_else(|e| panic!("{p:?} {e}"));
            std::fs::write(p.with_extension("codex"), codex_spec::codec::encode(&m)).unwrap();
        }
    }
}
