import Kernels

/// A run of an LSTM over all frames, with what its gradient needs.
///
/// Units are computed in panels of 16. A panel keeps its numbers for all frames together, so that
/// one thread reads and writes contiguous memory.
struct LSTMRun {
  static let units = Int(ETUDE_LSTM_UNITS)
  static let panel = PanelMatrix.width
  /// The least number of multiplications of a frame that is worth a thread.
  static let worthThread = 1 << 17

  let batch: Int
  let time: Int
  let inputs: Int
  let width: Int
  let hiddenWeight: Tensor
  private let start: LSTMState
  /// The gates, `[panels, T, B, 4, 16]`.
  let gates: Tensor
  /// The cells before the first frame and after every frame, `[panels, T + 1, B, 16]`.
  let cells: Tensor
  /// `[B, T, H]`, in the type of the input.
  let outputs: Tensor

  /// - Parameters:
  ///   - x: `[B, T, I]`
  ///   - inputWeight: `[4 H, I]`
  ///   - hiddenWeight: `[4 H, H]`
  ///   - bias: The sum of both, `[4 H]`.
  ///   - start: The state before the first frame.
  init(
    over x: Tensor, inputWeight: Tensor, hiddenWeight: Tensor, bias: Tensor,
    from start: LSTMState
  ) {
    (batch, time, inputs) = (x.shape[0], x.shape[1], x.shape[2])
    (width, self.hiddenWeight, self.start) = (hiddenWeight.shape[1], hiddenWeight, start)
    gates = Self.inputSums(of: x, weight: inputWeight.gatePanels(as: x.dtype), bias: bias)
    cells = Tensor(uninitialized: [gates.shape[0], time + 1, batch, Self.units])
    outputs = Tensor(uninitialized: [batch, time, width], dtype: x.dtype)
    setFirstCells()
    runFrames(hiddenWeight.gatePanels(as: x.dtype))
  }

  /// `W x + b` of all frames, `[panels, T, B, 4, 16]`.
  private static func inputSums(of x: Tensor, weight: PanelMatrix, bias: Tensor) -> Tensor {
    let (batch, time, inputs) = (x.shape[0], x.shape[1], x.shape[2])
    let x = x.converted(to: weight.operand)
    let shifts = PanelMatrix(gates: bias.reshaped([bias.shape[0], 1]), as: .float32)
    defer { withExtendedLifetime(x) {} }
    let source = x.reals
    // A block of rows, which stays in the second-level cache with the panel.
    let rows = 128
    let blocks = (time + rows - 1) / rows
    return .filled([weight.count, time, batch, panel]) { sums in
      Cores.forEach(weight.count * blocks * batch) { item in
        let (p, rest) = item.quotientAndRemainder(dividingBy: blocks * batch)
        let (b, first) = (rest / blocks, rest % blocks * rows)
        let place = sums + ((p * time + first) * batch + b) * panel
        let count = min(rows, time - first)
        for row in 0..<count {
          (place + row * batch * panel).update(from: shifts.row(0, ofPanel: p), count: panel)
        }
        weight.add(
          panel: p, rows: count, of: source + (b * time + first) * inputs, rowsApart: inputs,
          to: place, rowsApart: batch * panel)
      }
    }
  }

  /// Writes the cells of the first state, with zeros for the units that fill the last panel.
  private func setFirstCells() {
    let cell = start.cell.converted(to: .float32)
    let (from, to) = (cell.floats, cells.mutableReals.float32)
    for unit in 0..<cells.shape[0] * Self.units {
      let (p, place) = unit.quotientAndRemainder(dividingBy: Self.units)
      for b in 0..<batch {
        to[(p * (time + 1) * batch + b) * Self.units + place] =
          unit < width ? from[b * width + unit] : 0
      }
    }
    withExtendedLifetime(cell) {}
  }

  /// Runs the frames one after the other. The panels of a frame are cut over the cores.
  private func runFrames(_ weight: PanelMatrix) {
    guard batch > 0 else { return }
    let row = weight.count * Self.units
    // The outputs of the frame before and of this one; they change places with every frame.
    let memory = Tensor.zeros([2, batch, row], dtype: weight.operand)
    var (before, after) = (memory.mutableReals, memory.mutableReals + batch * row)
    defer { withExtendedLifetime(memory) {} }
    copyFirstHidden(to: before, rowsApart: row)
    let grain = max(1, Self.worthThread / (batch * Self.panel * width))
    for t in 0..<time {
      Cores.parallel(weight.count, grain: grain) { [before, after] panels in
        // There and back: the weights that are read last are still in the core's second-level cache.
        for i in panels {
          let p = t % 2 == 0 ? i : panels.lowerBound + panels.upperBound - 1 - i
          runFrame(t, panel: p, of: weight, from: before.reals, to: after)
        }
      }
      swap(&before, &after)
    }
  }

  private func copyFirstHidden(to place: MutableReals, rowsApart row: Int) {
    let hidden = start.hidden.converted(to: outputs.dtype).converted(to: place.dtype)
    let byteCount = width * place.dtype.byteCount
    for b in 0..<batch {
      (place + b * row).base.copyMemory(
        from: (hidden.reals + b * width).base, byteCount: byteCount)
    }
    withExtendedLifetime(hidden) {}
  }

  /// Computes the units of one panel at frame `t` from the outputs at the frame before.
  private func runFrame(
    _ t: Int, panel p: Int, of weight: PanelMatrix, from before: Reals, to after: MutableReals
  ) {
    let row = weight.count * Self.units
    let sums = gates.mutableReals.float32 + (p * time + t) * batch * Self.panel
    let cell = cells.mutableReals.float32 + (p * (time + 1) + t) * batch * Self.units
    weight.add(
      panel: p, rows: batch, of: before, rowsApart: row, to: sums, rowsApart: Self.panel)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.units) { hidden in
      let hidden = hidden.baseAddress!
      for b in 0..<batch {
        etude_lstm_cells(
          sums + b * Self.panel, cell + (batch + b) * Self.units, hidden, cell + b * Self.units)
        write(hidden, frame: b * time + t, panel: p, next: after + (b * row + p * Self.units))
      }
    }
  }

  /// Writes the outputs of a panel at one frame, rounded to their type, and the same numbers where the
  /// next frame reads them.
  private func write(
    _ hidden: UnsafePointer<Float>, frame: Int, panel p: Int, next: MutableReals
  ) {
    let count = min(Self.units, width - p * Self.units)
    let place = outputs.mutableReals + (frame * width + p * Self.units)
    if place.dtype == .float32 {
      place.float32.update(from: hidden, count: count)
      next.float32.update(from: hidden, count: count)
    } else {
      place.store(0, count, buffer: hidden)
      next.store(0, count, buffer: hidden)
      if next.dtype == .float32 { etude_widen(next.float32, place.bfloat16, count) }
    }
  }

  /// The state after the last frame.
  var last: LSTMState {
    if time == 0 { return start }
    let cell = Tensor.filled([batch, width]) { cell in
      for unit in 0..<width {
        let (p, place) = unit.quotientAndRemainder(dividingBy: Self.units)
        let from = cells.floats + (p * (time + 1) + time) * batch * Self.units + place
        for b in 0..<batch { cell[b * width + unit] = from[b * Self.units] }
      }
    }
    return LSTMState(hidden: outputs[0..., -1], cell: cell)
  }

  /// The outputs one frame earlier, `[B, T, H]`: the other operand of the hidden weight.
  func outputsBefore() -> Tensor {
    let first = start.hidden.converted(to: outputs.dtype).insertingAxis(at: 1)
    return Tensor.concatenated([first, outputs], axis: 1).sliced(axis: 1, 0..<time)
  }
}
