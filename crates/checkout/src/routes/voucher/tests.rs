use super::*;

#[test]
fn face_value_is_read_as_people_write_it() {
    let read = |typed| face(typed);
    for typed in ["25", " 25 ", "€25", "25 EUR", "25 zł"] {
        assert_eq!(read(typed).as_deref(), Some("25"), "{typed}");
    }
    assert_eq!(read("25,00 €").as_deref(), Some("25.00"));
    for typed in ["", "much", "1.000,00", "25.", ","] {
        assert_eq!(read(typed), None, "{typed}");
    }
}

#[test]
fn serial_is_read_with_its_gaps() {
    let expected = Serial::new(8_199_292_838_234_933).unwrap();
    assert_eq!(serial("8199 2928-3823 4933"), Ok(expected));
    assert_eq!(
        serial("8199"),
        Err(FreezeProblem::SerialLength { digits: 4 })
    );
    assert_eq!(serial("  "), Err(FreezeProblem::SerialMissing));
}
