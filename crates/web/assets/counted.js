// Asks whether the voucher of this page is counted in what the issuer states that it owes, and has the answer checked here.

const section = document.getElementById("counted");

if (section) {
  const button = section.querySelector("button");
  section.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    show(["checking"]);
    try {
      show(await verdict());
    } catch (error) {
      // Neither the server's answer nor the check came to an end, which says nothing about the voucher.
      console.error(error);
      show(["busy"]);
    }
    button.disabled = false;
  });
}

/** The names of the states that are to be seen. */
async function verdict() {
  const { page, serial, currency, value, verifier, loader } = section.dataset;
  const answer = await fetch("/balance/counted", { method: "POST", body: new URLSearchParams({ page }) });
  if (answer.status === 404) {
    return ["none"];
  }
  if (answer.status === 500) {
    return ["lost"];
  }
  if (!answer.ok) {
    return ["busy"];
  }
  const given = await answer.json();
  if (given.proof === null) {
    return ["waiting"];
  }
  offer(given);
  const { loadVerifier } = await import(loader);
  const module = await (await fetch(verifier)).arrayBuffer();
  const checks = await loadVerifier(module);
  const own = given.holder_proof === null ? undefined : bytes(given.holder_proof);
  const report = checks.verifyLiabilities(given.policy, given.proof, bytes(given.statement), own, new Date());
  if (!report.valid) {
    return refused(report.reason);
  }
  put("time", report.time);
  put("leaf", `${report.index} (${report.origin})`);
  if (report.cosigned.length !== 0) {
    put("witnesses", report.cosigned.map(({ witness }) => witness).join(", "));
  }
  if (!report.proof) {
    section.querySelectorAll("[data-show=value], [data-show=total]").forEach((place) => {
      place.hidden = true;
      place.previousElementSibling.hidden = true;
    });
    return value === "0" ? ["nothing", "evidence", "save"] : ["nothing", "changed", "evidence", "save"];
  }
  if (report.proof.holder !== "voucher" || report.proof.number !== serial) {
    return refused("The proof is for another holder.");
  }
  if (String(report.proof.currency) !== currency) {
    return refused("The proof is for another currency.");
  }
  put("value", report.proof.amount);
  put("total", report.proof.total);
  return report.proof.value === value ? ["counted", "evidence", "save"] : ["counted", "changed", "evidence", "save"];
}

/** Lets the person keep what was checked, for another program to check it. */
function offer(given) {
  const link = section.querySelector("[data-save]");
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([JSON.stringify(given)], { type: "application/json" }));
}

function refused(reason) {
  put("reason", reason);
  // Whoever was shown something false can keep it.
  return ["refused", "save"];
}

function put(name, text) {
  section.querySelector(`[data-show=${name}]`).textContent = text;
}

function show(states) {
  for (const place of section.querySelectorAll("[data-state]")) {
    place.hidden = !states.includes(place.dataset.state);
  }
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
