use super::*;

#[test]
fn nothing_is_small() {
    let bytes = encode(&Module::default());
    assert_eq!(decode(&bytes), Ok(Module::default()));
    assert!(bytes.len() < 48, "{} bytes", bytes.len());
}
