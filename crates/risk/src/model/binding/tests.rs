use super::*;
use crate::fact::FactType;

fn catalogue(count: usize) -> Catalogue {
    let fact = |at| FactType {
        name: format!("a.b{at}"),
        kind: Kind::Number,
        unit: "attempts",
        meaning: String::new(),
    };
    Catalogue::new((0..count).map(fact).collect())
}

#[test]
fn definitions_tell_lists_apart() {
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| name.to_string())
            .collect::<Vec<_>>()
    };
    let catalogue = catalogue(3);
    let of = |list: &[&str], version| Definitions::of(&names(list), &catalogue, version).unwrap();
    let one = of(&["a.b0", "a.b1"], 1);
    assert_eq!(one, of(&["a.b0", "a.b1"], 1));
    assert_ne!(one, of(&["a.b1", "a.b0"], 1));
    assert_ne!(one, of(&["a.b0", "a.b2"], 1));
    assert_ne!(one, of(&["a.b0"], 1));
    assert_ne!(one, of(&["a.b0", "a.b1"], 2));
    assert_eq!(Definitions::from_bytes(*one.bytes()), one);
}

#[test]
fn a_long_list_of_unknown_features_is_cut_short() {
    let names: Vec<String> = (0..40).map(|at| format!("c.d{at}")).collect();
    let Err(BindingRefusal::Unknown { names, count }) = Binding::new(&names, &catalogue(3)) else {
        panic!("they are unknown");
    };
    assert_eq!(count, 40);
    assert!(names.ends_with("c.d7, ..."), "{names}");
}
