import { describe, expect, it } from 'vitest';
import { CandidateGate } from './candidates.ts';

const candidate = (number: number) => ({ candidate: `candidate:${number}` });

describe('candidates', () => {
  it('[IC-2] what came before the gate opened goes first, in order, and only once', () => {
    const gate = new CandidateGate();
    const out: unknown[] = [];
    gate.push(candidate(1));
    gate.push(candidate(2));
    gate.open((each) => out.push(each));
    gate.push(candidate(3));
    expect(out).toEqual([candidate(1), candidate(2), candidate(3)]);
    expect(gate.drain()).toEqual([]);
  });

  it('[IC-3] a shut gate keeps a hundred candidates and drops what comes after', () => {
    const gate = new CandidateGate();
    for (let number = 0; number < 150; number += 1) gate.push(candidate(number));
    expect(gate.drain()).toEqual(Array.from({ length: 100 }, (_, number) => candidate(number)));
  });
});
