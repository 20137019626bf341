using A2A.Micro.Gateway.Limits;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.Gateway.Tests;

/// <summary>The count of a tenant's open tasks, without a question per submission.</summary>
[Trait("Requirement", "69")]
public sealed class OpenTasksTests
{
    private const int Max = 20;

    [Fact]
    public void Nobody_gets_more_than_the_limit_and_what_ended_or_was_not_accepted_makes_room()
    {
        var open = new OpenCount();
        Assert.True(open.TryTake(19, Max));
        Assert.False(open.TryTake(2, Max));
        Assert.True(open.TryTake(1, Max));
        Assert.False(open.TryTake(1, Max));
        open.GiveBack(2);
        open.End();
        Assert.True(open.TryTake(3, Max));
        Assert.False(open.TryTake(1, Max));
    }

    [Fact]
    public void What_was_accepted_just_now_and_has_not_arrived_where_it_is_counted_is_not_forgotten()
    {
        var open = new OpenCount();
        Assert.True(open.TryTake(Max, Max));
        open.Mark();
        Assert.False(open.Correct(0, 0));
        Assert.False(open.TryTake(1, Max));
        // The outbox still has it, and the broker is away.
        for (var i = 0; i < 3; i++)
        {
            open.Mark();
            _ = open.Correct(0, Max);
        }

        Assert.False(open.TryTake(1, Max));
    }

    [Fact]
    public void An_end_that_is_heard_while_the_others_are_counted_is_taken_off_once()
    {
        var open = new OpenCount();
        Assert.True(open.TryTake(Max, Max));
        open.Mark();
        open.End();
        Assert.False(open.Correct(Max, 0));
        Assert.True(open.TryTake(1, Max));
        Assert.False(open.TryTake(1, Max));
    }

    [Fact]
    public void A_count_that_knows_nothing_is_put_away_and_gives_nothing_any_more()
    {
        var open = new OpenCount();
        open.Mark();
        Assert.True(open.Correct(0, 0));
        Assert.Null(open.TryTake(1, Max));
    }

    // Others accept too, ends are lost or heard twice: once the tenant rests, what is known is the truth.
    [Fact]
    public void Whatever_was_lost_or_heard_twice_a_tenant_that_rests_is_known_exactly() => Prop.ForAll(
        Arb.From(Gen.Choose(0, 5).ListOf()),
        steps =>
        {
            var (open, truth) = (new OpenCount(), 0);
            _ = open.TryTake(1, Max);
            truth++;
            foreach (var step in steps)
            {
                switch (step)
                {
                    case 0 when open.TryTake(2, Max) is true: truth += 2; break;
                    case 1 when truth < Max: truth++; break;
                    case 2 when truth > 1: truth--; open.End(); break;
                    case 3 when truth > 1: truth--; break;
                    case 4: open.End(); break;
                    case 5: open.Mark(); _ = open.Correct(truth, 0); break;
                    default: break;
                }
            }

            for (var i = 0; i < 3; i++)
            {
                open.Mark();
                _ = open.Correct(truth, 0);
            }

            return open.TryTake(Max - truth, Max) is true && open.TryTake(1, Max) is false;
        }).QuickCheckThrowOnFailure();
}
