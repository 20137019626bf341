using A2A.Micro.ResourceManager.Ledger;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.ResourceManager.Tests;

[Trait("Requirement", "16")]
public sealed class PlaceOrderTests
{
    [Fact]
    public void Whoever_comes_and_goes_the_order_is_that_of_a_sorted_list() => Prop.ForAll(
        Gen.ArrayOf(from leaves in Gen.Frequency((3, Gen.Constant(false)), (2, Gen.Constant(true)))
                    from place in Gen.Frequency((3, Gen.Choose(0, 10_000)), (2, Gen.Constant(-1)))
                    select (leaves, place)).ToArbitrary(),
        steps =>
        {
            var (order, expected, last) = (new PlaceOrder<ResourceClaim>((one, other) => one.Line.CompareTo(other.Line)), new List<ResourceClaim>(), 10_000);
            foreach (var ((leaves, place), i) in steps.Select((step, i) => (step, i)))
            {
                if (leaves && expected.Count > 0)
                {
                    // Mostly the first, as in a line that is served.
                    var gone = expected[place < 0 ? 0 : place % expected.Count];
                    order.Remove(gone);
                    _ = expected.Remove(gone);
                }
                else
                {
                    var claim = Claims.Of($"t{i}", enqueuedS: place < 0 ? ++last : place);
                    order.Add(claim);
                    expected.Add(claim);
                    expected.Sort((a, b) => a.Line.CompareTo(b.Line));
                }

                Assert.Equal(expected, order);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(200));
}
