// The log's own page: fetches files of the log, and lets the verifier say what they show.
const page = document.querySelector("[data-log]");
const log = page.dataset.log;
const place = (id) => document.getElementById(id);
const language = navigator.language;

// What this browser keeps of this log; one that keeps nothing has it as long as the page is open.
const kept = {
  policy: { key: `scrip-log-policy:${log}` },
  seen: { key: `scrip-log-seen:${log}` },
  promises: { key: `scrip-log-promises:${log}` },
  broken: { key: `scrip-log-broken:${log}` },
};
for (const one of Object.values(kept)) {
  one.read = () => {
    try {
      return window.localStorage.getItem(one.key);
    } catch {
      return one.here ?? null;
    }
  };
  one.write = (text) => {
    one.here = text;
    try {
      if (text === null) {
        window.localStorage.removeItem(one.key);
      } else {
        window.localStorage.setItem(one.key, text);
      }
      return true;
    } catch {
      return false;
    }
  };
}

const GROUPS = ["core", "payer", "merchant", "voucher", "reference"];
const CHECKS = {
  "policy": "The policy below does not say clearly whom to believe.",
  "form": "This is not a complete file of that kind: something is missing, or was changed.",
  "log signature": "No log that you believe has signed this. It is of another log, or somebody changed it.",
  "quorum": "Too few of the witnesses that you believe vouch for it, or a cosignature was changed.",
  "inclusion": "The log does not have this entry at this place: the receipt or its proof was changed.",
  "consistency": "The log shows another history now than before. That must never happen.",
  "leaf": "The entry does not say what it has to say at its place.",
  "opening": "What the receipt shows is not what the log holds: the text of the receipt was changed.",
  "files": "A file that the server handed out does not belong to this log.",
};

let verifier = null;
let promises = null;
let platformPolicy = "";
let newest = null;

// Elements

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function outcome(tone, title, ...children) {
  const paragraphs = children.map((child) => (typeof child === "string" ? element("p", {}, child) : child));
  return element("div", { className: `outcome ${tone}` }, element("h3", {}, title), ...paragraphs);
}

function fields(pairs) {
  const list = element("dl", { className: "fields" });
  for (const [name, value] of pairs) {
    list.append(element("dt", {}, name), element("dd", {}, value));
  }
  return list;
}

function code(text) {
  return element("code", {}, text);
}

function moment(seconds) {
  const form = { dateStyle: "medium", timeStyle: "medium" };
  return new Intl.DateTimeFormat(language, form).format(new Date(Number(seconds) * 1000));
}

function refused(title, { check, reason }) {
  const detail = reason.startsWith(`${check}: `) ? reason.slice(check.length + 2) : reason;
  return outcome(
    "bad",
    title,
    CHECKS[check] ?? "",
    element("p", {}, "Failed check: ", element("strong", {}, check), "."),
    element("p", { className: "reason" }, `${detail}.`),
  );
}

function unreachable(error) {
  return outcome("neutral", "The log cannot be reached", `${error.message}. Nothing was checked.`);
}

function vouched(cosigned) {
  if (cosigned.length === 0) {
    return "by no witness: the policy asks for none, so nobody but the log vouches that it shows everybody the same";
  }
  return cosigned.map(({ witness, at }) => `${witness} (${moment(at)})`).join(", ");
}

// The log's files

async function fetchFile(path) {
  let answer;
  try {
    answer = await fetch(log + path, { cache: "no-store", credentials: "omit" });
  } catch {
    throw new Error(`${log + path} does not answer`);
  }
  if (answer.status === 404) {
    return null;
  }
  if (!answer.ok) {
    throw new Error(`${log + path} answers with ${answer.status}`);
  }
  return new Uint8Array(await answer.arrayBuffer());
}

async function fetchText(path) {
  const bytes = await fetchFile(path);
  return bytes && new TextDecoder().decode(bytes);
}

const policy = () => kept.policy.read() ?? platformPolicy;

// The newest checkpoint

async function showCheckpoint() {
  const result = place("checkpoint-result");
  newest = null;
  try {
    const note = await fetchText("checkpoint");
    if (note === null) {
      result.replaceChildren(outcome("neutral", "No checkpoint yet", "The log gets one with its first entry."));
      return;
    }
    const checked = verifier.verifyCheckpoint(policy(), note, new Date());
    if (!checked.valid) {
      result.replaceChildren(refused("The checkpoint is refused", checked));
      return;
    }
    newest = { ...checked, note };
    result.replaceChildren(await compareWithSeen(), about(checked));
  } catch (error) {
    result.replaceChildren(unreachable(error));
  }
}

function about(checked) {
  const { logs } = verifier.readPolicy(policy());
  const keys = logs.filter((key) => key.startsWith(`${checked.origin}+`));
  return fields([
    ["Entries", checked.size],
    ["Root", code(checked.root)],
    ["Signed by", code(keys.join(" "))],
    ["Cosigned", vouched(checked.cosigned)],
  ]);
}

// The last checkpoint that this browser found good stays until a larger one is shown to begin with it.
async function compareWithSeen() {
  const seen = JSON.parse(kept.seen.read() ?? "null");
  const remember = () => kept.seen.write(JSON.stringify({ note: newest.note, size: newest.size, at: Date.now() }));
  if (!seen) {
    const isKept = remember();
    return outcome(
      "good",
      "The checkpoint holds",
      isKept
        ? "This browser sees the log for the first time and remembers this checkpoint. The next time, it checks that nothing before it was changed."
        : "This browser keeps nothing, so a change of what was there before cannot be noticed here.",
    );
  }
  const grown = await verifier.verifyGrowth(policy(), seen, newest, new Date(), fetchFile);
  const since = moment(seen.at / 1000);
  if (grown.valid) {
    remember();
    return outcome(
      "good",
      "The checkpoint holds, and the log only grew",
      `It begins with the ${seen.size} entries that this browser saw on ${since}.`,
    );
  }
  return changedSince(seen, grown, since);
}

function changedSince(seen, grown, since) {
  const evidence = [seen.note, newest.note].join("\n");
  const save = element("a", { className: "button second", download: "evidence.txt" }, "Save both checkpoints");
  save.href = URL.createObjectURL(new Blob([evidence], { type: "text/plain" }));
  const forget = element("button", { className: "button plain", type: "button" }, "Forget what this browser saw");
  forget.addEventListener("click", () => {
    kept.seen.write(null);
    showCheckpoint();
  });
  const buttons = element("p", { className: "row" }, save, forget);
  if (grown.check !== "consistency" && grown.check !== "files") {
    return outcome(
      "neutral",
      "It cannot be compared with what this browser saw",
      `The checkpoint that it remembers of ${since} is not one that your policy believes. ${grown.reason}.`,
      buttons,
    );
  }
  const isBack = BigInt(newest.size) < BigInt(seen.size);
  const alarm = refused(isBack ? "The log went back" : "The log was rewritten", grown);
  alarm.append(
    element(
      "p",
      {},
      isBack
        ? `This browser saw ${seen.size} entries on ${since}. It may be an old copy; ask again later, and elsewhere.`
        : `It does not begin with the ${seen.size} entries that this browser saw on ${since}. Save both checkpoints: the log signed them, and they prove it to anybody.`,
    ),
    buttons,
  );
  return alarm;
}

// Receipts

/** The text of the proof file, also out of JSON. */
function proofOf(text) {
  if (!text.trimStart().startsWith("{")) {
    return text;
  }
  const { proof } = JSON.parse(text);
  if (typeof proof !== "string") {
    throw new Error("It has no proof yet: the log did not show the entry when it was made");
  }
  return proof;
}

async function checkReceipt() {
  const result = place("receipt-result");
  const text = place("receipt-text").value;
  if (text.trim() === "") {
    result.replaceChildren(outcome("neutral", "There is nothing to check", "Choose a file, drop one, or paste its text."));
    return;
  }
  let proof;
  try {
    proof = proofOf(text);
  } catch (error) {
    const reason = error instanceof SyntaxError ? "It begins as JSON and does not read as JSON" : error.message;
    result.replaceChildren(outcome("bad", "This is no receipt", `${reason}.`));
    return;
  }
  // A text that was pasted may have lost the line feed at its end.
  const checked = verifier.verifyReceipt(policy(), proof.endsWith("\n") ? proof : `${proof}\n`, new Date());
  if (!checked.valid) {
    result.replaceChildren(refused("This receipt does not hold", checked));
  } else {
    result.replaceChildren(...verdictOf(checked), await today(proof, checked), ...shownGroups(checked));
  }
  result.focus({ preventScroll: true });
  result.scrollIntoView({ block: "nearest" });
}

function verdictOf(checked) {
  const holds = outcome(
    "good",
    "This receipt holds",
    `It shows entry ${BigInt(checked.index) + 1n} of the log ${checked.origin}, exactly as the log has it.`,
  );
  const checks = element(
    "ul",
    { className: "checks" },
    element("li", {}, `Log signature: ${checked.origin} signed a tree of ${checked.size} entries.`),
    element("li", {}, `Quorum: cosigned ${checked.cosigned.length ? "by " : ""}${vouched(checked.cosigned)}.`),
    element("li", {}, `Inclusion: the entry is in that tree, as leaf ${checked.index}.`),
    element("li", {}, "Opening: all that is shown below is what the entry commits to."),
  );
  return [holds, checks];
}

function shownGroups(checked) {
  const groups = checked.groups.map(shownGroup);
  const shown = checked.groups.map(({ group }) => group);
  const hidden = GROUPS.filter((_, number) => !shown.includes(number));
  const rest = element("p", { className: "soft small" }, `Not shown by this receipt: ${hidden.join(", ") || "nothing"}.`);
  return [...groups, rest];
}

function shownGroup({ name, fields: said, digest, content }) {
  const heading = element("h3", {}, `${name[0].toUpperCase()}${name.slice(1)}`);
  if (digest) {
    return element("div", { className: "stack" }, heading, element("p", {}, "Too long to be shown. SHA-256: ", code(digest)));
  }
  if (!said) {
    return element("div", { className: "stack" }, heading, element("p", {}, "No fields that this page reads: ", code(content)));
  }
  const body = said.length
    ? fields(said.map((field) => [field.name, field.value]))
    : element("p", { className: "soft" }, "Nothing.");
  return element("div", { className: "stack" }, heading, body);
}

/** Whether the log still has the history in which the receipt stands. */
async function today(proof, checked) {
  try {
    const note = proof.slice(proof.indexOf("\n\n") + 2);
    const older = { note: note.endsWith("\n") ? note : `${note}\n`, size: checked.size };
    if (!newest || BigInt(newest.size) < BigInt(checked.size)) {
      await showCheckpoint();
    }
    if (!newest || newest.origin !== checked.origin) {
      return element("p", { className: "soft small" }, "It was not compared with what the log shows today.");
    }
    const grown = await verifier.verifyGrowth(policy(), older, newest, new Date(), fetchFile);
    if (!grown.valid) {
      const alarm = refused("The log shows another history today", grown);
      alarm.append(element("p", {}, "The receipt holds all the same: keep it, it is evidence against the log."));
      return alarm;
    }
    return outcome("good", "The log still has it", `What the log shows today, ${newest.size} entries, begins with the tree of this receipt.`);
  } catch (error) {
    return unreachable(error);
  }
}

/** A receipt in the address, behind `#receipt=`, in base64url. */
function takeFromAddress() {
  const carried = new URLSearchParams(window.location.hash.slice(1)).get("receipt");
  if (!carried) {
    return;
  }
  try {
    const bytes = atob(carried.replaceAll("-", "+").replaceAll("_", "/"));
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
    place("receipt-text").value = text;
  } catch {
    place("receipt-result").replaceChildren(
      outcome("bad", "This is no receipt", "The address was cut off or changed. Open the link again, or take the file."),
    );
    return;
  }
  checkReceipt();
}

async function takeFile(file) {
  place("receipt-text").value = await file.text();
  checkReceipt();
}

// Entries

async function look() {
  const result = place("leaf-result");
  const digits = place("leaf-number").value.trim();
  if (!/^[1-9][0-9]{0,18}$/.test(digits)) {
    result.replaceChildren(outcome("neutral", "Which entry?", "Give its number, 1 or more."));
    return;
  }
  if (!newest) {
    await showCheckpoint();
  }
  if (!newest) {
    result.replaceChildren(outcome("neutral", "There is no checkpoint to start from", "See above why."));
    return;
  }
  try {
    const index = BigInt(digits) - 1n;
    const { note, size } = newest;
    const found = await verifier.verifyLeaf(policy(), note, { index, size }, new Date(), fetchFile);
    const shown = found.valid ? shownLeaf(found) : [refused("The entry is not shown to be there", found)];
    result.replaceChildren(...shown);
  } catch (error) {
    result.replaceChildren(unreachable(error));
  }
}

function shownLeaf(found) {
  const list = (lines) => element("ol", { className: "checks" }, ...lines.map((line) => element("li", {}, line)));
  const commitments = found.commitments.map((hash, number) => [`Commitment to ${GROUPS[number] ?? `group ${number}`}`, code(hash)]);
  return [
    outcome("good", `Entry ${BigInt(found.index) + 1n} is in the log`, `Leaf ${found.index} of ${found.size}, checked down from the root.`),
    fields([["Hash", code(found.leaf)], ["Bytes", code(found.bytes)], ...commitments]),
    element("h3", {}, "Inclusion proof"),
    found.proof.length
      ? list(found.proof.map((hash) => code(hash)))
      : element("p", {}, "None is needed: it is the only leaf."),
  ];
}

// Policies

function showPolicy() {
  const own = kept.policy.read();
  place("policy-text").value = policy();
  const read = verifier.readPolicy(policy());
  const result = place("policy-result");
  if (!read.valid) {
    result.replaceChildren(refused("This policy cannot be used", read));
    return;
  }
  const whose = own === null ? "This is the platform’s own policy." : "This is your own policy, kept in this browser.";
  const many = read.witnesses.length;
  const who = many
    ? `It names ${many} witness${many === 1 ? "" : "es"}; enough is: ${read.quorum}.`
    : "It names no witness: you believe the log’s key alone, so a log that shows others something else is not noticed.";
  result.replaceChildren(element("p", { className: "soft" }, `${whose} ${who}`));
}

async function usePolicy(text) {
  if (text !== null) {
    const read = verifier.readPolicy(text);
    if (!read.valid) {
      place("policy-result").replaceChildren(refused("This policy cannot be used", read));
      return;
    }
  }
  kept.policy.write(text === platformPolicy ? null : text);
  showPolicy();
  await showCheckpoint();
  await promises.checkRemembered();
  if (place("receipt-text").value.trim() !== "") {
    await checkReceipt();
  }
}

// The beginning

function droppable(id, take) {
  const area = place(id);
  area.addEventListener("dragover", (event) => {
    event.preventDefault();
    area.classList.add("over");
  });
  area.addEventListener("dragleave", () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    area.classList.remove("over");
    const { files } = event.dataTransfer;
    const text = event.dataTransfer.getData("text/plain");
    if (files.length) {
      take.files(files);
    } else if (text) {
      take.text(text);
    }
  });
}

function listen() {
  const submitted = (id, act) =>
    place(id).addEventListener("submit", (event) => {
      event.preventDefault();
      act();
    });
  submitted("receipt-form", checkReceipt);
  submitted("leaf-form", look);
  submitted("policy-form", () => usePolicy(place("policy-text").value));
  place("policy-reset").addEventListener("click", () => usePolicy(null));
  place("checkpoint-again").addEventListener("click", showCheckpoint);
  place("receipt-file").addEventListener("change", ({ target }) => target.files.length && takeFile(target.files[0]));
  droppable("receipt-form", {
    files: ([file]) => takeFile(file),
    text: (text) => {
      place("receipt-text").value = text;
      checkReceipt();
    },
  });
  droppable("promise-form", {
    files: (files) => promises.takeFiles(files),
    text: (text) => promises.takeText(text),
  });
  window.addEventListener("hashchange", takeFromAddress);
  for (const button of page.querySelectorAll("button:disabled")) {
    button.disabled = false;
  }
}

async function begin() {
  if (!page.dataset.module) {
    return;
  }
  const { loadVerifier } = await import(page.dataset.loader);
  const { startPromises } = await import(page.dataset.promises);
  const module = await fetch(page.dataset.module);
  verifier = await loadVerifier(await module.arrayBuffer());
  // A saved page believes what it was saved with.
  platformPolicy = page.dataset.policy ?? (await fetchText("policy")) ?? "";
  promises = startPromises({ verifier, policy, kept, fetchFile, fetchText, place, element, outcome, moment });
  listen();
  showPolicy();
  promises.showBroken();
  await showCheckpoint();
  await promises.checkRemembered();
  takeFromAddress();
}

begin().catch((error) => {
  place("checkpoint-result").replaceChildren(outcome("bad", "This page does not run here", `${error.message}.`));
});
