// Promises of the log: what became of them, those that this browser remembers, and what shows the broken ones to anybody.

/** A browser keeps a few megabytes for a page; a promise has less than one kilobyte, and what breaks it a few. */
const REMEMBERED_MAX = 2000;
const BROKEN_MAX = 200;
/** At once. */
const CHECKED_MAX = 2000;
/** Files of the log that are held while promises are checked: neighbours are in the same ones. */
const FILES_HELD_MAX = 64;

const HEADER = /^scrip-log-promise\s*:/i;
const PROOF_FILE = "c2sp.org/tlog-proof@v1\n";

/** The tools are those of the log's page. Answers with what it calls when the policy changes. */
export function startPromises(tools) {
  const promises = new Promises(tools);
  promises.listen();
  return promises;
}

/** Each promise once, out of a pasted text: header lines where there are any, else every line. */
export function promisesIn(text) {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line !== "");
  const headers = lines.filter((line) => HEADER.test(line));
  const values = headers.length ? headers.map((line) => line.replace(HEADER, "").trim()) : lines;
  return [...new Set(values)];
}

/** What this browser keeps under keys; what it cannot keep is there as long as the page is open. */
class Collection {
  #stored;
  #max;
  #unkept = new Map();

  constructor(stored, max) {
    this.#stored = stored;
    this.#max = max;
  }

  /** Read anew each time: the page may be open twice. */
  all() {
    return new Map([...this.#unkept, ...this.#read()]);
  }

  /** Says whether the browser keeps it. */
  change(change) {
    const items = this.all();
    change(items);
    const isKept = items.size <= this.#max && this.#stored.write(JSON.stringify([...items]));
    this.#unkept = isKept ? new Map() : items;
    return isKept;
  }

  #read() {
    try {
      return JSON.parse(this.#stored.read() ?? "[]");
    } catch {
      return [];
    }
  }
}

class Promises {
  #tools;
  /** Promises that are not kept yet, by their text. */
  #remembered;
  /** What broke each, by the promise's text. */
  #broken;
  #isKeeping = true;

  constructor(tools) {
    this.#tools = tools;
    this.#remembered = new Collection(tools.kept.promises, REMEMBERED_MAX);
    this.#broken = new Collection(tools.kept.broken, BROKEN_MAX);
  }

  listen() {
    const { place } = this.#tools;
    place("promise-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.checkGiven();
    });
    place("promise-again").addEventListener("click", () => this.checkRemembered());
    place("promise-forget").addEventListener("click", () => {
      this.#remembered.change((items) => items.clear());
      this.#showRemembered([]);
      place("promise-remembered").focus({ preventScroll: true });
    });
    place("promise-file").addEventListener("change", ({ target }) => this.takeFiles(target.files));
  }

  async takeFiles(files) {
    const texts = await Promise.all([...files].map((file) => file.text()));
    this.#tools.place("promise-text").value = texts.map((text) => text.trim()).join("\n");
    await this.checkGiven();
  }

  async takeText(text) {
    this.#tools.place("promise-text").value = text;
    await this.checkGiven();
  }

  /** Checks what stands in the form. */
  async checkGiven() {
    const { place, outcome } = this.#tools;
    const result = place("promise-result");
    const texts = promisesIn(place("promise-text").value);
    if (texts.length === 0) {
      result.replaceChildren(outcome("neutral", "There is nothing to check", "Paste what came in the header, one promise in a line, or choose files."));
      return;
    }
    if (CHECKED_MAX < texts.length) {
      result.replaceChildren(outcome("neutral", "These are too many at once", `This page checks ${CHECKED_MAX} promises at a time. Give it a part of them, or use scrip verify promise.`));
      return;
    }
    const found = await this.#check(texts);
    result.replaceChildren(...this.#shown(found));
    this.#showRemembered(found.filter(({ text }) => this.#remembered.all().has(text)));
    this.showBroken();
    result.focus({ preventScroll: true });
    result.scrollIntoView({ block: "nearest" });
  }

  /** Checks again what was open or overdue. */
  async checkRemembered() {
    const found = await this.#check([...this.#remembered.all().keys()]);
    this.#showRemembered(found);
    this.showBroken();
  }

  /** What became of each. Those that are not kept yet are remembered, and what breaks a promise is collected. */
  async #check(texts) {
    const { verifier, policy } = this.#tools;
    const read = texts.map((text) => ({ text, ...verifier.readPromise(policy(), text) }));
    const good = read.filter(({ valid }) => valid);
    const refused = read.filter(({ valid }) => !valid).map((one) => ({ ...one, outcome: "refused" }));
    // Neighbours follow one another, so that their files are fetched once.
    good.sort((one, other) => (BigInt(one.index) < BigInt(other.index) ? -1 : 1));
    this.#remember(good.map(({ text }) => text));
    const found = [];
    const files = new Map();
    const checkpoint = good.length ? await this.#checkpoint() : {};
    for (const promise of good) {
      found.push({ ...promise, ...(await this.#judge(promise.text, checkpoint, files)) });
    }
    this.#collect(found);
    return [...found, ...refused];
  }

  async #checkpoint() {
    try {
      const note = await this.#tools.fetchText("checkpoint");
      return note === null ? { problem: "the log has no checkpoint yet" } : { note };
    } catch (error) {
      return { problem: error.message };
    }
  }

  async #judge(text, { note, problem }, files) {
    const { verifier, policy } = this.#tools;
    if (problem) {
      return { outcome: "unchecked", reason: problem };
    }
    try {
      const found = await verifier.verifyPromise(policy(), note, text, new Date(), (path) => this.#file(path, files));
      return found.valid ? found : { outcome: "unchecked", reason: found.reason };
    } catch (error) {
      return { outcome: "unchecked", reason: error.message };
    }
  }

  async #file(path, files) {
    if (!files.has(path)) {
      if (FILES_HELD_MAX <= files.size) {
        files.clear();
      }
      files.set(path, await this.#tools.fetchFile(path));
    }
    return files.get(path);
  }

  /** Before the log is asked: the page may be closed while it answers. */
  #remember(texts) {
    const broken = this.#broken.all();
    this.#isKeeping = this.#remembered.change((items) => {
      for (const text of texts.filter((text) => !broken.has(text))) {
        items.set(text, "");
      }
    });
  }

  #collect(found) {
    const of = (name) => found.filter(({ outcome }) => outcome === name);
    const isKept = this.#broken.change((items) => {
      for (const { text, shown } of of("broken")) {
        // What was collected first stays: it is as good, and perhaps older.
        if (!items.has(text)) {
          items.set(text, shown);
        }
      }
    });
    const isForgotten = this.#remembered.change((items) => {
      for (const { text } of [...of("kept"), ...of("broken")]) {
        items.delete(text);
      }
    });
    this.#isKeeping = isKept && isForgotten;
  }

  // What is shown

  #shown(found) {
    const { element, outcome } = this.#tools;
    const count = (name) => found.filter((one) => one.outcome === name).length;
    const [kept, open, overdue, broken] = ["kept", "open", "overdue", "broken"].map(count);
    const rest = count("unchecked") + count("refused");
    const tally = `Kept: ${kept}, open: ${open}, overdue: ${overdue}, broken: ${broken}${rest ? `, not checked: ${rest}` : ""}.`;
    const [tone, title] = verdict({ kept, open, overdue, broken, rest });
    return [outcome(tone, title, tally), element("ul", { className: "entries" }, ...found.map((one) => this.#row(one)))];
  }

  #row(found) {
    const { element } = this.#tools;
    const tones = { kept: "good", broken: "bad", refused: "bad" };
    const names = { broken: "BROKEN", unchecked: "not checked", refused: "no promise" };
    const mark = element("span", { className: `mark ${tones[found.outcome] ?? ""}` }, names[found.outcome] ?? found.outcome);
    const title = found.index === undefined ? element("code", {}, shortened(found.text)) : element("span", {}, entryOf(found));
    return element("li", {}, title, mark, element("span", { className: "soft small across" }, this.#words(found)));
  }

  #words({ outcome, deadline, reason, shown }) {
    const { moment } = this.#tools;
    switch (outcome) {
      case "kept":
        return "The log has the promised leaf at the promised place.";
      case "open":
        return `The deadline has not come. It is ${moment(deadline)}.`;
      case "overdue":
        return `The deadline was ${moment(deadline)}, and the log does not reach so far; but too few witnesses have said when they saw it, so nobody can prove it yet. Ask again.`;
      case "broken":
        return shown.startsWith(PROOF_FILE)
          ? "Another leaf stands there."
          : `The deadline was ${moment(deadline)}. Enough witnesses saw after it that the log does not reach so far.`;
      case "refused":
        return `This is no promise of a log that you believe. ${capitalised(reason)}.`;
      default:
        return `Nothing is known of it, because something of the log could not be read or does not hold. ${capitalised(reason)}.`;
    }
  }

  /** With what was found of them, which may have been that they are kept. */
  #showRemembered(found) {
    const { place, element, outcome } = this.#tools;
    const left = this.#remembered.all().size;
    const several = left === 1 ? "1 promise that is" : `${left} promises that are`;
    const about = left
      ? `This browser remembers ${several} not kept yet, and checks again each time this page is opened.`
      : "This browser remembers no promise that is not kept yet.";
    const cannot = "This browser has no room for more, so it forgets them with this page. Keep the promises in files, and save the evidence.";
    place("promise-remembered").replaceChildren(
      ...(this.#isKeeping ? [] : [outcome("neutral", "Not all of it is remembered", cannot)]),
      element("p", { className: "soft" }, about),
      ...(found.length ? this.#shown(found) : []),
    );
    place("promise-again").hidden = place("promise-forget").hidden = left === 0;
  }

  /** Each is judged again by what was collected, and by nothing else. */
  showBroken() {
    const { place, element } = this.#tools;
    const items = [...this.#broken.all()].map(([text, shown]) => this.#evidence(text, shown));
    place("broken-result").replaceChildren(
      ...(items.length ? items : [element("p", { className: "soft" }, "This browser knows of none.")]),
    );
  }

  #evidence(text, shown) {
    const { verifier, policy, place, element, outcome } = this.#tools;
    const checked = verifier.verifyPromiseAgainst(policy(), text, shown, new Date());
    const forget = element("button", { className: "button plain", type: "button" }, "Forget it");
    forget.addEventListener("click", () => {
      this.#broken.change((items) => items.delete(text));
      this.showBroken();
      place("broken-result").focus({ preventScroll: true });
    });
    if (!checked.valid || checked.standing !== "broken") {
      const why = checked.valid ? "What was collected does not break it" : capitalised(checked.reason);
      return outcome("neutral", "Not broken by the policy that you believe now", `${why}.`, element("p", { className: "row" }, forget));
    }
    const files = [["promise", text], ["shown", shown]].map(([kind, content]) => this.#download(`${checked.index}.${kind}`, content));
    return outcome(
      "bad",
      `${entryOf(checked)} of ${checked.origin}`,
      this.#words({ outcome: "broken", deadline: checked.deadline, shown }),
      element("p", { className: "row" }, ...files, forget),
    );
  }

  #download(name, content) {
    const link = this.#tools.element("a", { className: "button second", download: name }, `Save ${name}`);
    link.href = URL.createObjectURL(new Blob([content], { type: "text/plain" }));
    return link;
  }
}

/** The worst comes first. */
function verdict({ kept, open, overdue, broken, rest }) {
  if (broken) {
    return ["bad", "The log broke its word"];
  }
  if (overdue) {
    return ["bad", "The log is late with its word"];
  }
  if (rest) {
    return ["neutral", "Not all of it could be checked"];
  }
  return open ? ["neutral", kept ? "Kept, or not due yet" : "Not due yet"] : ["good", "The log kept its word"];
}

function entryOf({ index }) {
  return `Entry ${BigInt(index) + 1n}, leaf ${index}`;
}

function shortened(text) {
  return text.length <= 24 ? text : `${text.slice(0, 24)}…`;
}

function capitalised(reason) {
  return `${reason[0].toUpperCase()}${reason.slice(1)}`;
}
