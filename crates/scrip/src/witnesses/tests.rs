use super::*;

#[test]
fn everybody_reads_the_keys_of_a_policy_and_not_where_witnesses_are() {
    let policy = "# ours\nlog pay.example/log+00+key https://inside\n\nwitness north w+11+key\thttp://10.0.0.7/\n\
                  witness south s+22+key\ngroup all-of-them 2 north south\nquorum all-of-them\n";
    let shown = "log pay.example/log+00+key\nwitness north w+11+key\nwitness south s+22+key\n\
                 group all-of-them 2 north south\nquorum all-of-them\n";
    assert_eq!(without_addresses(policy), shown);
}

#[test]
fn a_policy_of_witnesses_alone_asks_for_three_of_four() {
    for (count, needed) in [(1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (7, 5)] {
        let names: Vec<String> = (0..count).map(|number| format!("w{number}")).collect();
        let lines = names
            .iter()
            .map(|name| format!("witness {name} key http://{name}/"));
        let policy = format!("log key\n{}", lines.collect::<Vec<_>>().join("\n"));
        let names = names.join(" ");
        let added = format!("\ngroup witnesses {needed} {names}\nquorum witnesses\n");
        assert_eq!(with_quorum(policy.clone()), policy + &added);
    }
}

#[test]
fn a_policy_that_says_how_many_or_names_nobody_is_taken_as_it_is() {
    for policy in [
        "log key\nwitness a key\nquorum a\n",
        "log key\nwitness a key\nquorum none\n",
        "log key\nwitness a key\ngroup g 1 a\n",
        "log key\n",
    ] {
        assert_eq!(with_quorum(policy.to_owned()), policy);
    }
}
