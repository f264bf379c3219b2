// The npm package `paysafecard`, unchanged but for the host, takes a payment.
const assert = require("node:assert");
const PaySafeCard = require("paysafecard");

const [base, key, pin] = process.argv.slice(2);

async function pay(authUrl, pin) {
  const [page, secret] = authUrl.split("?key=");
  const answer = await fetch(`${page}/pay`, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" },
    body: `key=${secret}&pin=${pin}`,
  });
  assert.strictEqual(answer.status, 303, await answer.text());
}

async function takePayment(environment, root) {
  const shop = new PaySafeCard({ key, environment });
  shop.host = base + root;
  const created = await shop.createPayment({
    currency: "EUR",
    amount: 5,
    customer: { id: "customer-1", minAge: null, countryRestriction: null },
    urls: {
      redirectSuccess: "https://shop.example/ok?id={payment_id}",
      redirectFailure: "https://shop.example/failed?id={payment_id}",
      notification: "https://shop.example/notify/{payment_id}",
    },
  });
  assert.strictEqual(created.object, "PAYMENT");
  assert.strictEqual(created.status, "INITIATED");
  assert.strictEqual(created.redirect.success_url, `https://shop.example/ok?id=${created.id}`);
  await assert.rejects(shop.capturePayment(created.id), /payment_invalid_state/);
  await pay(created.redirect.auth_url, pin);
  assert.strictEqual((await shop.getPaymentInfo(created.id)).status, "AUTHORIZED");
  const captured = await shop.capturePayment(created.id);
  assert.strictEqual(captured.status, "SUCCESS");
  assert.strictEqual(captured.card_details.length, 1);
}

async function main() {
  await takePayment("TEST", "/v1");
  // In production the package joins its paths with two slashes.
  await takePayment("PRODUCTION", "/v1/");
  const stranger = new PaySafeCard({ key: "psc_not-a-key", environment: "TEST" });
  stranger.host = `${base}/v1`;
  await assert.rejects(stranger.getPaymentInfo("pay_1000001978_x_EUR"), /invalid_api_key/);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
