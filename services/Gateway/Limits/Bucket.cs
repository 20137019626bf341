namespace A2A.Micro.Gateway.Limits;

/// <summary>
/// How many requests a caller may send: <see cref="Rate"/> a second on the long run, and <see cref="Burst"/> at once after a pause. The whole memory is
/// one number, the time at which the bucket is full again (the generic cell rate algorithm). Pure.
/// </summary>
/// <param name="Rate">Requests per second, above 0.</param>
/// <param name="Burst">Requests at once, at least 1.</param>
public readonly record struct Bucket(double Rate, int Burst)
{
    /// <summary>Takes one request out.</summary>
    /// <param name="fullAt">When the bucket is full again, in seconds of any clock; 0: it has never been used.</param>
    /// <param name="now">The same clock.</param>
    public BucketAnswer Take(double fullAt, double now)
    {
        var cost = 1 / Rate;
        var next = Math.Max(fullAt, now) + cost;
        var behind = next - now - (Burst * cost);
        // A hair of tolerance: the burst is a whole number of requests, the sums are not.
        return behind > cost * 1e-6
            ? new BucketAnswer(false, fullAt, 0, behind)
            : new BucketAnswer(true, next, (int)Math.Round(-behind * Rate), 0);
    }

    /// <summary>Seconds until the bucket is full again.</summary>
    public static double Refill(double fullAt, double now) => Math.Max(0, fullAt - now);
}

/// <summary>What a bucket says to a request.</summary>
/// <param name="IsAllowed">It may go on.</param>
/// <param name="FullAt">What is to be remembered.</param>
/// <param name="Left">Requests that may follow at once.</param>
/// <param name="RetryAfterS">Seconds until the next one may come; 0 when this one may.</param>
public readonly record struct BucketAnswer(bool IsAllowed, double FullAt, int Left, double RetryAfterS);
