using System.Security.Cryptography;
using System.Text;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Scheduler.Distribution;

/// <summary>What follows an attempt that did not succeed. Pure.</summary>
public static class RetryPolicy
{
    /// <summary>After a failure of the handler: again after a wait, or the end.</summary>
    /// <param name="rule">The task's own rule; absent parts take the defaults.</param>
    /// <param name="defaults">The service's defaults.</param>
    /// <param name="failures">Failures so far, this one included.</param>
    /// <param name="retryable">What the agent said about it.</param>
    /// <param name="seed">Names the attempt: the jitter is drawn from it, so that a redelivery decides the same.</param>
    /// <param name="code">The error's code; the rule may forbid another attempt after it.</param>
    public static RetryDecision AfterFailure(
        RetryRule? rule, RetryDefaults defaults, int failures, bool retryable, string seed, string? code = null)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        retryable &= code is null || rule?.NonRetryableCodes?.Contains(code) != true;
        if (!retryable || failures >= (rule?.MaxAttempts ?? defaults.MaxAttempts)) { return new RetryDecision.GiveUp(); }
        return new RetryDecision.Again(Backoff(rule, defaults, failures, seed));
    }

    /// <summary>After the loss of an agent: at once elsewhere, until the cap.</summary>
    public static RetryDecision AfterLoss(RetryDefaults defaults, int losses)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        return losses > defaults.MaxLosses ? new RetryDecision.GiveUp() : new RetryDecision.Again(TimeSpan.Zero);
    }

    /// <summary>After a rejection: final codes end the task; a full agent is only avoided until it has been full too often.</summary>
    public static RejectionConsequence AfterRejection(RejectionReason reason, int rejectionsByThisAgent) => reason switch
    {
        RejectionReason.DeadlineImpossible or RejectionReason.InvalidParameters => RejectionConsequence.Final,
        RejectionReason.CapacityExceeded when rejectionsByThisAgent < 3 => RejectionConsequence.Wait,
        _ => RejectionConsequence.Exclude,
    };

    /// <summary>Exponential from the second attempt on, capped, with up to 20 % of jitter off unless the rule says otherwise.</summary>
    public static TimeSpan Backoff(RetryRule? rule, RetryDefaults defaults, int failures, string seed)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        var initial = rule?.InitialBackoffS ?? defaults.InitialBackoff.TotalSeconds;
        var max = rule?.MaxBackoffS ?? defaults.MaxBackoff.TotalSeconds;
        var wait = Math.Min(max, initial * Math.Pow(2, Math.Clamp(failures - 1, 0, 40)));
        var draw = SHA256.HashData(Encoding.UTF8.GetBytes(seed))[0] / 255.0;
        return TimeSpan.FromSeconds(wait * (1 - ((rule?.Jitter ?? 0.2) * draw)));
    }
}

/// <summary>Defaults of the service.</summary>
/// <param name="MaxAttempts">Attempts that may fail by their handler.</param>
/// <param name="InitialBackoff">Wait before the second attempt.</param>
/// <param name="MaxBackoff">Longest wait.</param>
/// <param name="MaxLosses">Attempts that may be lost with their agent.</param>
public sealed record RetryDefaults(int MaxAttempts, TimeSpan InitialBackoff, TimeSpan MaxBackoff, int MaxLosses);

/// <summary>Again or not.</summary>
public abstract record RetryDecision
{
    private RetryDecision()
    {
    }

    /// <summary>Another attempt after a wait.</summary>
    public sealed record Again(TimeSpan After) : RetryDecision;

    /// <summary>The task has failed.</summary>
    public sealed record GiveUp : RetryDecision;
}

/// <summary>What a rejection means for the task.</summary>
public enum RejectionConsequence
{
    /// <summary>Nobody can take it.</summary>
    Final,

    /// <summary>Another agent may; never this one again.</summary>
    Exclude,

    /// <summary>The same agent may, a little later.</summary>
    Wait,
}
