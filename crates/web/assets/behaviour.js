// Notes how a PIN came into its field, for the judgement of fraud: how long it took, typed or pasted, the rhythm of the
// keys, and whether a program drives the browser. Which keys were pressed is not among it.
"use strict";

const INTERVALS_MAX = 32;
const PAUSE_MAX_MS = 5000;
const DRIVEN = 1;
const BARE = 2;

const arrivedAt = performance.now();
const intervals = [];
let lastKeyAt = null;
let entry = "";

function noteKey() {
  const now = performance.now();
  if (lastKeyAt !== null && now - lastKeyAt < PAUSE_MAX_MS && intervals.length < INTERVALS_MAX) {
    intervals.push(now - lastKeyAt);
  }
  lastKeyAt = now;
}

function signs() {
  const bare = !navigator.languages || navigator.languages.length === 0 || screen.width === 0;
  return (navigator.webdriver ? DRIVEN : 0) + (bare ? BARE : 0);
}

function noticed() {
  const parts = [`time=${Math.round(performance.now() - arrivedAt)}`, `signs=${signs()}`];
  if (entry !== "") {
    parts.push(`entry=${entry}`);
  }
  if (intervals.length > 0) {
    const mean = intervals.reduce((sum, ms) => sum + ms, 0) / intervals.length;
    const variance = intervals.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / intervals.length;
    parts.push(`mean=${Math.round(mean)}`, `deviation=${Math.round(Math.sqrt(variance))}`);
  }
  return parts.join(";");
}

for (const field of document.querySelectorAll("input[data-pin]")) {
  field.addEventListener("input", (event) => {
    if (event.inputType === "insertFromPaste" || event.inputType === "insertFromDrop") {
      entry = "pasted";
    } else {
      entry = entry || "typed";
      noteKey();
    }
  });
}

for (const field of document.querySelectorAll("input[data-behaviour]")) {
  field.form.addEventListener("submit", () => {
    field.value = noticed();
  });
}
