import Evaluate
import Testing

/// Student's t distribution, against SciPy 1.17.
@Suite struct StudentTTests {
  @Test(arguments: [
    (2.0, 2.0, 0.18350341907227397), (4.302653, 2, 0.04999999418220448),
    (0.5, 7.3, 0.6317935268044417), (3, 599, 0.0028119899886628595),
    (12, 1, 0.052929352119179755), (0.001, 4, 0.99925000015625), (-2, 2, 0.18350341907227397),
  ])
  func probabilities(t: Double, freedom: Double, probability: Double) {
    #expect(abs(StudentT.twoSided(t, degreesOfFreedom: freedom) - probability) < 1e-12)
  }

  @Test(arguments: [
    (1, 12.706204736174694), (2, 4.302652729749462), (2.7, 3.3921483831737507),
    (10, 2.228138851986274), (57.5, 2.0020881519795077), (599, 1.9639322489452784),
  ])
  func quantiles(freedom: Double, quantile: Double) {
    #expect(abs(StudentT.quantile(degreesOfFreedom: freedom) - quantile) < 1e-9)
  }

  @Test func beyondAllNumbers() {
    #expect(StudentT.twoSided(.infinity, degreesOfFreedom: 3) == 0)
    #expect(StudentT.twoSided(0, degreesOfFreedom: 3) == 1)
    #expect(StudentT.twoSided(.nan, degreesOfFreedom: 3).isNaN)
  }
}
