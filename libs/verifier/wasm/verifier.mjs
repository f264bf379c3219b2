// Calls the verifier in a browser or in Node. Nothing leaves the page: the module has no imports.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Takes the bytes of the module. */
export async function loadVerifier(wasm) {
  const { instance } = await WebAssembly.instantiate(wasm, {});
  return new Verifier(instance.exports);
}

/**
 * Policies, receipts and checkpoints are texts or bytes, `now` is a Date, sizes and indexes are BigInts or digits. Every answer is an object: `valid`
 * says whether all of it holds, else `check` names the check that failed and `reason` says why.
 */
class Verifier {
  #exports;

  constructor(exports) {
    this.#exports = exports;
  }

  /** Whom a policy believes: `logs`, `witnesses`, `quorum`. */
  readPolicy(policy) {
    return this.#ask("read_policy", [policy]);
  }

  verifyReceipt(policy, receipt, now) {
    return this.#ask("verify_receipt", [policy, receipt, seconds(now)]);
  }

  /** A checkpoint of the present. */
  verifyCheckpoint(policy, checkpoint, now) {
    return this.#ask("verify_checkpoint", [policy, checkpoint, seconds(now)]);
  }

  /** A statement of liabilities with the receipt of its entry; statement and holder's proof are bytes, and the proof may be left out. */
  verifyLiabilities(policy, receipt, statement, proof, now) {
    const values = [policy, receipt, statement, proof ?? new Uint8Array(), seconds(now)];
    return this.#ask("verify_liabilities", values);
  }

  /** Follows a checkpoint down to a leaf. `fetchFile` takes a path below the log and gives its bytes, or null where there is none. */
  async verifyLeaf(policy, checkpoint, { index, size }, now, fetchFile) {
    const wanted = this.#ask("leaf_files", [BigInt(index), BigInt(size)]);
    const files = await this.#fetch(wanted, fetchFile);
    return this.#ask("verify_leaf", [policy, checkpoint, BigInt(index), files, seconds(now)]);
  }

  /** Checks that a log only grew. `older` and `newer` are checkpoints with their sizes. */
  async verifyGrowth(policy, older, newer, now, fetchFile) {
    const wanted = this.#ask("growth_files", [BigInt(older.size), BigInt(newer.size)]);
    const files = await this.#fetch(wanted, fetchFile);
    return this.#ask("verify_growth", [policy, older.note, newer.note, files, seconds(now)]);
  }

  /** What a promise says: `origin`, `index`, `leaf`, `deadline`. */
  readPromise(policy, promise) {
    return this.#ask("read_promise", [policy, promise]);
  }

  /** What became of a promise, by a checkpoint of any age: `outcome` is kept, open, overdue or broken; what breaks it is `shown`. */
  async verifyPromise(policy, checkpoint, promise, now, fetchFile) {
    const needed = this.#ask("promise_files", [policy, checkpoint, promise, seconds(now)]);
    if (!needed.valid) {
      return needed;
    }
    const files = await this.#fetch(needed.files, fetchFile);
    return this.#ask("verify_promise", [policy, checkpoint, promise, files, seconds(now)]);
  }

  /** What something that was kept says of a promise: `standing` is kept, broken, or open where it says nothing. */
  verifyPromiseAgainst(policy, promise, shown, now) {
    return this.#ask("verify_promise_against", [policy, promise, shown, seconds(now)]);
  }

  /** The files that are needed, each behind its length. Where a partial one is gone, the full one has taken its place. */
  async #fetch(wanted, fetchFile) {
    const files = await Promise.all(wanted.map(async ({ path, full }) => {
      const bytes = (await fetchFile(path)) ?? (full && (await fetchFile(full)));
      if (!bytes) {
        throw new Error(`${path} is missing there`);
      }
      return bytes;
    }));
    const joined = new Uint8Array(files.reduce((sum, file) => sum + 4 + file.length, 0));
    let place = 0;
    for (const file of files) {
      new DataView(joined.buffer).setUint32(place, file.length);
      joined.set(file, place + 4);
      place += 4 + file.length;
    }
    return joined;
  }

  /** Numbers go as they are, everything else in a place. */
  #ask(name, values) {
    const places = [];
    const given = values.map((value) => {
      if (typeof value === "bigint") {
        return value;
      }
      places.push(this.#put(value));
      return places.at(-1);
    });
    const answer = BigInt.asUintN(64, this.#exports[name](...given));
    const report = JSON.parse(decoder.decode(this.#bytes(answer)));
    for (const place of [...places, answer]) {
      this.#exports.release(place);
    }
    return report;
  }

  #put(content) {
    const bytes = typeof content === "string" ? encoder.encode(content) : content;
    const place = BigInt.asUintN(64, this.#exports.allocate(bytes.length));
    this.#bytes(place).set(bytes);
    return place;
  }

  /** The memory may have grown and moved, so it is looked up each time. */
  #bytes(place) {
    return new Uint8Array(this.#exports.memory.buffer, Number(place >> 32n), Number(place & 0xffffffffn));
  }
}

function seconds(date) {
  return BigInt(Math.floor(date.getTime() / 1000));
}
