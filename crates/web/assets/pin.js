// Groups the digits of a PIN or serial by four while they are typed or pasted. The server takes any grouping.
"use strict";

const DIGITS_MAX = 24;

function digitsOf(text) {
  return text.replace(/\D/g, "").slice(0, DIGITS_MAX);
}

function grouped(digits) {
  return digits.replace(/(\d{4})(?=\d)/g, "$1 ");
}

// The place in the grouped text behind the same number of digits as before.
function caretBehind(text, digitCount) {
  let place = 0;
  for (let seen = 0; place < text.length && seen < digitCount; place += 1) {
    if (text[place] !== " ") {
      seen += 1;
    }
  }
  return place;
}

function regroup(field) {
  const digitsBefore = digitsOf(field.value.slice(0, field.selectionStart)).length;
  const text = grouped(digitsOf(field.value));
  if (text !== field.value) {
    field.value = text;
    const caret = caretBehind(text, digitsBefore);
    field.setSelectionRange(caret, caret);
  }
}

for (const field of document.querySelectorAll("input[data-pin], input[data-serial]")) {
  field.addEventListener("input", (event) => {
    if (!event.isComposing) {
      regroup(field);
    }
  });
}
