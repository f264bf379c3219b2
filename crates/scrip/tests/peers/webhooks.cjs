// The npm package `standardwebhooks` verifies what the platform sends.
const assert = require("node:assert");
const http = require("node:http");
const { Webhook } = require("standardwebhooks");

const [base, key, pin] = process.argv.slice(2);
const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };

async function call(method, path, body) {
  const answer = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

function listen(messages, notifications) {
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      const messagesOf = request.url.startsWith("/classic") ? notifications : messages;
      messagesOf.push({ url: request.url, headers: request.headers, body });
      // The first signed message is turned away once: it has to come again.
      response.statusCode = messagesOf === messages && messages.length === 1 ? 500 : 200;
      response.end();
    });
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

async function until(condition, what) {
  for (let tries = 0; tries < 600; tries += 1) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited in vain for ${what}`);
}

async function pay(authUrl) {
  const [page, secret] = authUrl.split("?key=");
  const answer = await fetch(`${page}/pay`, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" },
    body: `key=${secret}&pin=${pin}`,
  });
  assert.strictEqual(answer.status, 303);
}

async function main() {
  const messages = [];
  const notifications = [];
  const server = await listen(messages, notifications);
  const target = `http://127.0.0.1:${server.address().port}`;
  await call("PUT", "/v1/webhook", { url: `${target}/hook` });
  const { secret } = await call("POST", "/v1/webhook/rotate");
  const payment = await call("POST", "/v1/payments", {
    type: "PAYSAFECARD",
    amount: "5.00",
    currency: "EUR",
    redirect: { success_url: "https://shop.example/ok", failure_url: "https://shop.example/failed" },
    notification_url: `${target}/classic?id={payment_id}`,
    customer: { id: "customer-1" },
  });
  await pay(payment.redirect.auth_url);
  await call("POST", `/v1/payments/${payment.id}/capture`);

  const verified = () => {
    const webhook = new Webhook(secret);
    const bodies = messages.slice(1).map(({ headers, body }) => webhook.verify(body, headers));
    return bodies.filter((body) => body.data.payment && body.data.payment.id === payment.id);
  };
  await until(() => verified().some((body) => body.type === "payment.captured"), "payment.captured");
  const numbers = [...new Set(verified().map((body) => body.data.number))].sort((a, b) => a - b);
  numbers.forEach((number, place) => assert.strictEqual(number, numbers[0] + place, `a gap in ${numbers}`));
  assert.throws(() => new Webhook(secret).verify(`${messages[1].body} `, messages[1].headers));

  await until(() => notifications.length > 0, "the classic notification");
  const [{ url, body }] = notifications;
  assert.strictEqual(new URLSearchParams(body).get("mtid"), payment.id);
  assert.strictEqual(new URLSearchParams(body).get("eventType"), "ASSIGN_CARDS");
  assert.match(new URLSearchParams(body).get("serialNumbers"), /^\d{16};EUR;5\.00;AT00002;$/);
  assert.strictEqual(new URL(url, target).searchParams.get("mtid"), payment.id);
  assert.strictEqual(new URL(url, target).searchParams.get("id"), payment.id);
  server.close();
  server.closeAllConnections();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
