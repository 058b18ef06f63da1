// The chain as this client sees it: contracts are an address and an ABI. What is sent is simulated first,
// and a refusal is decoded from the ABI. A refusal counts only if the chain refuses the
// transaction, too, and not just the node that was asked what would happen.

import { readFileSync } from "node:fs";

import { BaseError, ContractFunctionRevertedError, createPublicClient, createWalletClient, http } from "viem";

const ARTIFACTS = new URL("../../src/coopledger/artifacts/", import.meta.url);
const ENOUGH_GAS = 1_000_000n;

/** A contract as viem wants it. Nothing of the artifact is used but its ABI. */
export function contractAt(name, address) {
  const { abi } = JSON.parse(readFileSync(new URL(`${name}.json`, ARTIFACTS), "utf8"));
  return { abi, address };
}

export class Chain {
  constructor(url) {
    this.transport = http(url);
    this.reader = createPublicClient({ transport: this.transport, pollingInterval: 20 });
  }

  read(contract, functionName, ...args) {
    return this.reader.readContract({ ...contract, functionName, args });
  }

  /** The newest block's time, in seconds. */
  async now() {
    return (await this.reader.getBlock()).timestamp;
  }

  /** Sends a call by an account that pays for it, and returns what the function returns. */
  async send(account, contract, functionName, args) {
    const { result } = await this.reader.simulateContract({ ...contract, functionName, args, account });
    const receipt = await this.#broadcast(account, { ...contract, functionName, args });
    if (receipt.status !== "success") throw new Error(`${functionName} was simulated well, then refused`);
    return result;
  }

  /** Gives an account some of the native coin. */
  async fund(from, to, value) {
    const hash = await this.#walletOf(from).sendTransaction({ to, value, chain: null });
    await this.reader.waitForTransactionReceipt({ hash });
  }

  /** Sends a call that must be refused, and returns the error's name and arguments. */
  async refusal(account, contract, functionName, args) {
    const call = { ...contract, functionName, args };
    let refused;
    try {
      await this.reader.simulateContract({ ...call, account });
    } catch (error) {
      refused = error instanceof BaseError && error.walk((cause) => cause instanceof ContractFunctionRevertedError);
      if (!refused?.data) throw error;
    }
    const { status } = await this.#broadcast(account, { ...call, gas: ENOUGH_GAS });
    if (!refused || status !== "reverted") throw new Error(`${functionName} was not refused`);
    return { error: refused.data.errorName, args: refused.data.args };
  }

  #walletOf(account) {
    return createWalletClient({ account, transport: this.transport });
  }

  async #broadcast(account, call) {
    const hash = await this.#walletOf(account).writeContract({ ...call, chain: null });
    return this.reader.waitForTransactionReceipt({ hash });
  }
}
