use super::*;

#[test]
fn everybody_reads_the_keys_of_a_policy_and_not_where_witnesses_are() {
    let policy = "# ours\nlog pay.example/log+00+key https://inside\n\nwitness north w+11+key\thttp://10.0.0.7/\n\
                  witness south s+22+key\ngroup all-of-them 2 north south\nquorum all-of-them\n";
    let shown = "log pay.example/log+00+key\nwitness north w+11+key\nwitness south s+22+key\n\
                 group all-of-them 2 north south\nquorum all-of-them\n";
    assert_eq!(without_addresses(policy), shown);
}
