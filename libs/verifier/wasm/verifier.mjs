// Calls the verifier in a browser or in Node. Nothing leaves the page: the module has no imports.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Takes the bytes of verifier.wasm. */
export async function loadVerifier(wasm) {
  const { instance } = await WebAssembly.instantiate(wasm, {});
  return new Verifier(instance.exports);
}

class Verifier {
  #exports;

  constructor(exports) {
    this.#exports = exports;
  }

  /** Policy and receipt are texts or bytes. `now` is a Date. */
  verifyReceipt(policy, receipt, now) {
    return this.#ask(this.#exports.verify_receipt, [policy, receipt], now);
  }

  /** The statement is bytes, and so is the holder's proof, which may be left out. */
  verifyLiabilities(policy, receipt, statement, proof, now) {
    const contents = [policy, receipt, statement, proof ?? new Uint8Array()];
    return this.#ask(this.#exports.verify_liabilities, contents, now);
  }

  #ask(question, contents, now) {
    const places = contents.map((content) => this.#place(content));
    const seconds = BigInt(Math.floor(now.getTime() / 1000));
    const arguments_ = places.flatMap(({ start, length }) => [start, length]);
    const packed = BigInt.asUintN(64, question(...arguments_, seconds));
    const answer = { start: Number(packed >> 32n), length: Number(packed & 0xffffffffn) };
    const bytes = new Uint8Array(this.#exports.memory.buffer, answer.start, answer.length);
    const report = JSON.parse(decoder.decode(bytes));
    for (const place of [...places, answer]) {
      this.#exports.release(place.start, place.length);
    }
    return report;
  }

  #place(content) {
    const bytes = typeof content === "string" ? encoder.encode(content) : content;
    const start = this.#exports.allocate(bytes.length);
    // The memory may have grown and moved, so it is looked up each time.
    new Uint8Array(this.#exports.memory.buffer, start, bytes.length).set(bytes);
    return { start, length: bytes.length };
  }
}
