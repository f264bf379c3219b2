//! Merchants, products and API keys.

use super::*;

#[test]
fn products_and_merchants_that_make_no_sense_are_not_saved() {
    let mut free = product();
    free.denominations = vec![1_000, 0];
    let mut paying = product();
    paying.maintenance_fee = Some(MaintenanceFee {
        after: Span::DAY,
        every: Span::DAY,
        minor: -1,
    });
    for product in [free, paying] {
        let refusal = World::new().act(Command::SaveProduct(product), NOW).err();
        assert_eq!(refusal, Some(Refusal::AmountNotPositive));
    }
    let mut hasty = merchant();
    hasty.capture_window = Span(1);
    let save = Command::SaveMerchant(Box::new(hasty));
    let refusal = World::new().act(save, NOW).err();
    assert_eq!(refusal, Some(Refusal::CaptureWindowOutOfBounds));
}

#[test]
fn an_api_key_belongs_to_a_known_party_and_is_issued_once() {
    let mut world = World::new();
    let digest = ApiKeyDigest([3; 32]);
    let known = Party::Merchant(MerchantId::FIRST);
    let unknown = Party::Distributor(DistributorId::new(2_000_000_009).unwrap());
    let issue = |owner| Command::IssueApiKey { digest, owner };
    let revoke = Command::RevokeApiKey { digest };
    assert_eq!(
        world.act(issue(unknown), NOW).err(),
        Some(Refusal::UnknownDistributor)
    );
    assert_eq!(
        world.act(revoke.clone(), NOW).err(),
        Some(Refusal::UnknownApiKey)
    );
    world.must(issue(known));
    assert_eq!(
        world.act(issue(known), NOW).err(),
        Some(Refusal::ApiKeyExists)
    );
    world.must(revoke);
    assert_eq!(
        world.act(issue(known), NOW).err(),
        Some(Refusal::ApiKeyExists),
        "a revoked key does not come back"
    );
}
