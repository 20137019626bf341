using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Scheduler.Distribution;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>What follows a failure, by the rule of the task (requirements 36, 57).</summary>
[Trait("Requirement", "57")]
public sealed class RetryPolicyTests
{
    private static readonly RetryDefaults Defaults = new(3, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), 10);

    [Fact]
    public void A_code_that_the_rule_names_has_no_further_attempt_whatever_the_agent_says()
    {
        var rule = new RetryRule { NonRetryableCodes = ["BAD_INPUT"] };
        Assert.IsType<RetryDecision.GiveUp>(RetryPolicy.AfterFailure(rule, Defaults, 1, retryable: true, "t/1", "BAD_INPUT"));
        Assert.IsType<RetryDecision.Again>(RetryPolicy.AfterFailure(rule, Defaults, 1, retryable: true, "t/1", "OTHER"));
        Assert.IsType<RetryDecision.GiveUp>(RetryPolicy.AfterFailure(rule, Defaults, 1, retryable: false, "t/1", "OTHER"));
    }

    [Fact]
    public void Jitter_takes_off_no_more_than_the_rule_allows_and_nothing_when_it_is_zero()
    {
        var exact = new RetryRule { InitialBackoffS = 10, Jitter = 0 };
        Assert.Equal([10, 20, 40, 60], Enumerable.Range(1, 4).Select(n => RetryPolicy.Backoff(exact, Defaults, n, "t/" + n).TotalSeconds));
        var draws = Enumerable.Range(0, 200).Select(i => RetryPolicy.Backoff(exact with { Jitter = 1 }, Defaults, 1, "t/" + i).TotalSeconds).ToList();
        Assert.All(draws, wait => Assert.InRange(wait, 0, 10));
        Assert.True(draws.Min() < 2 && draws.Max() > 8, "chance takes off anything between nothing and all");
        Assert.All(
            Enumerable.Range(0, 200).Select(i => RetryPolicy.Backoff(exact with { Jitter = null }, Defaults, 1, "t/" + i).TotalSeconds),
            wait => Assert.InRange(wait, 8, 10));
    }
}
