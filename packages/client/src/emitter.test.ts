import { describe, expect, it } from 'vitest';
import { Emitter } from './emitter.ts';

describe('emitter', () => {
  it('a listener that throws is told, and the others are still called', () => {
    const told: unknown[] = [];
    const heard: number[] = [];
    const emitter = new Emitter<{ count: number }>((cause, event) => told.push([cause, event]));
    emitter.on('count', () => {
      throw 'nonsense';
    });
    emitter.on('count', (count) => heard.push(count));
    emitter.emit('count', 1);
    expect(heard).toEqual([1]);
    expect(told).toEqual([['nonsense', 'count']]);
  });

  it('what a listener causes comes after the event it is being told, for all listeners', () => {
    const heard: string[] = [];
    const emitter = new Emitter<{ count: number }>(() => undefined);
    emitter.on('count', (count) => {
      heard.push(`first ${count}`);
      if (count === 1) emitter.emit('count', 2);
    });
    emitter.on('count', (count) => heard.push(`second ${count}`));
    emitter.emit('count', 1);
    expect(heard).toEqual(['first 1', 'second 1', 'first 2', 'second 2']);
  });

  it('a listener that was taken away hears nothing more', () => {
    const heard: number[] = [];
    const emitter = new Emitter<{ count: number }>(() => undefined);
    const off = emitter.on('count', (count) => heard.push(count));
    off();
    off();
    emitter.emit('count', 1);
    expect(heard).toEqual([]);
  });

  it('a listener that an earlier one takes away does not hear of the same event', () => {
    const heard: string[] = [];
    const emitter = new Emitter<{ count: number }>(() => undefined);
    emitter.on('count', () => {
      off();
      emitter.on('count', () => heard.push('added'));
    });
    const off = emitter.on('count', () => heard.push('taken away'));
    emitter.emit('count', 1);
    expect(heard).toEqual([]);
  });
});
