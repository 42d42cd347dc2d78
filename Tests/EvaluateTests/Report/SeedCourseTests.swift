import Evaluate
import Foundation
import Testing
import Train

/// Curves of several seeds as one line with a band.
@Suite struct SeedCourseTests {
  private func log(_ losses: [Float], terms: [String: Float] = [:]) -> [StepRecord] {
    losses.enumerated().map { StepRecord(step: $0 + 1, loss: $1, terms: terms) }
  }

  @Test func aPointIsTheMeanBetweenTheEnds() throws {
    let courses = SeedCourse.all(in: [log([4, 2]), log([6, 3]), log([8, 7])])
    #expect(courses.map(\.name) == ["loss", "gradient norm"])
    let points: [SeedCourse.Point] = [
      .init(step: 1, mean: 6, low: 4, high: 8, seeds: 3),
      .init(step: 2, mean: 4, low: 2, high: 7, seeds: 3),
    ]
    #expect(courses[0].points == points)
  }

  /// A seed that was stopped counts as far as it came, and no value that is not a number does.
  @Test func aStoppedSeedEndsWhereItEnded() {
    let course = SeedCourse.all(in: [log([4, 2]), log([6])])[0]
    #expect(course.points.map(\.seeds) == [2, 1])
    #expect(course.points[1] == SeedCourse.Point(step: 2, mean: 2, low: 2, high: 2, seeds: 1))
    let broken = SeedCourse.all(in: [log([4, .nan]), log([6, 3])])[0]
    #expect(broken.points[1] == SeedCourse.Point(step: 2, mean: 3, low: 3, high: 3, seeds: 1))
    #expect(SeedCourse.all(in: [log([.nan])]).map(\.name) == ["gradient norm"])
  }

  /// However long the log is.
  @Test func aLongLogIsCutIntoStretches() {
    let course = SeedCourse.all(in: [log((1...5000).map(Float.init))])[0]
    #expect(course.points.count <= 120 && course.points.count > 100)
    #expect(course.points.last?.step == 5000)
    #expect(abs(course.points[0].mean - 21.5) < 1e-9)
  }

  @Test func theOnlyTermIsTheLoss() {
    let one = SeedCourse.all(in: [log([4], terms: ["codes": 4])])
    #expect(one.map(\.name) == ["loss", "gradient norm"])
    let two = SeedCourse.all(in: [log([4], terms: ["codes": 3, "penalty": 1])])
    #expect(two.map(\.name) == ["loss", "codes", "penalty", "gradient norm"])
  }

  /// One chart for each term of all runs that have it; the loss apart where it is the sum of other terms; gradient norms
  /// are folded.
  @Test func runsShareTheirCharts() {
    let page = ReportSample.report.html
    let open = page.components(separatedBy: "<summary>Gradient norms</summary>")[0]
    func charts(_ text: String) -> [String] {
      text.components(separatedBy: #"class="chart curve""#).dropFirst().map { chart in
        String(chart.components(separatedBy: "<figcaption>")[1].prefix { $0 != "<" })
      }
    }
    #expect(
      charts(open) == [
        "loss, run 1", "loss, run 2", "loss, run 3", "codes, runs 1 and 3", "penalty, runs 1 and 3",
        "cqt, run 3",
      ])
    #expect(charts(page).last == "gradient norm")
    #expect(open.contains("mert-nano from"))
  }

  @Test func theBandIsDrawn() {
    var report = ReportSample.report
    #expect(!report.html.contains(#"class="band""#))
    report.runs[0].courses = SeedCourse.all(in: [log([4, 2, 1]), log([6, 3, 1])])
    #expect(report.html.contains(#"class="band""#))
  }
}
