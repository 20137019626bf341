using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Timers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.DeadLetters;

/// <summary>
/// Judges letters once more that another contract refused because they did not fit (requirement 45, MSG001): those that fit now are sent again by
/// themselves, the others stay and say who judged. Each contract judges a letter once, however often it comes back, so nothing goes round in circles. The
/// first round waits until what starts together with this process has started; the later ones find what a receiver refused that was not upgraded yet.
/// </summary>
internal sealed class LetterReview(
    IDeadLetterStore store, GatewayMetrics metrics, IOptions<GatewayOptions> options, TimeProvider clock, ILogger<LetterReview> log)
    : PeriodicDuty(options.Value.LettersReview, clock, log)
{
    // Bodies may be large.
    private const int Step = 20;

    /// <summary>Judges everything that a contract has not judged yet.</summary>
    public Task Judge(string contract, CancellationToken cancellation) => InSteps(Step, async size =>
    {
        var letters = await store.Unjudged(contract, size, cancellation).ConfigureAwait(false);
        var verdicts = letters.Select(letter => new LetterVerdict(letter.LetterId, LetterJudge.Fits(letter))).ToList();
        foreach (var (id, fits) in await store.Judge(contract, verdicts, cancellation).ConfigureAwait(false))
        {
            var letter = letters.First(one => one.LetterId == id);
            metrics.CountLetter(fits ? "fits" : "fits_not", letter.Queue, 1);
            if (fits) { ReviewLog.Fits(log, id, letter.MessageType, letter.Queue, letter.ParkedBy, contract); }
            else { ReviewLog.FitsNot(log, id, letter.MessageType, letter.Queue, letter.ParkedBy, contract); }
        }

        return letters.Count;
    });

    protected override Task Round(CancellationToken cancellation) => Judge(ContractVersion.Current, cancellation);
}

internal static partial class ReviewLog
{
    [LoggerMessage(3035, LogLevel.Information, "{LetterId}: {MessageType} for {Queue} did not fit {ParkedBy} and fits {Contract}: it is sent again")]
    public static partial void Fits(ILogger log, string letterId, string? messageType, string queue, string? parkedBy, string contract);

    [LoggerMessage(3036, LogLevel.Information, "{LetterId}: {MessageType} for {Queue} did not fit {ParkedBy} and does not fit {Contract}: it stays")]
    public static partial void FitsNot(ILogger log, string letterId, string? messageType, string queue, string? parkedBy, string contract);
}
