using A2A.Micro.Contracts.Wire;
using MassTransit;

namespace A2A.Micro.Architecture.Tests;

/// <summary>What travels is named by the protocol.</summary>
public sealed class ContractTests
{
    private static readonly Type[] Messages = [.. typeof(WireJson).Assembly.GetExportedTypes().Where(ContractRules.IsMessage)];

    [Fact]
    public void There_are_messages() => Assert.True(Messages.Length > 20, $"only {Messages.Length} messages were found");

    [Theory]
    [InlineData(typeof(TwoNames))]
    [InlineData(typeof(NoExchange))]
    [InlineData(typeof(NoEnvelope))]
    [InlineData(typeof(DefaultPrefix))]
    public void Two_names_or_half_a_name_are_reported(Type offender) => Assert.NotEmpty(ContractRules.NamesAgree(offender));

    [Fact]
    public void Envelope_and_exchange_carry_the_same_name() => Offences.None(Messages.SelectMany(ContractRules.NamesAgree));

    [Fact]
    public void Messages_are_sealed_and_set_once()
    {
        Assert.Equal(2, ContractRules.MessagesAreFacts(typeof(Changeable)).Count());
        Offences.None(Messages.SelectMany(ContractRules.MessagesAreFacts));
    }

    [Fact]
    public void No_two_messages_share_a_name()
    {
        Assert.NotEmpty(ContractRules.NamesAreUnique([typeof(TwoNames), typeof(Twin)]));
        Offences.None(ContractRules.NamesAreUnique(Messages));
    }

    [MessageUrn("a2a:planted.one", useDefaultPrefix: false), EntityName("planted.two")]
    private sealed record TwoNames;

    [MessageUrn("a2a:planted.two", useDefaultPrefix: false), EntityName("planted.two")]
    private sealed record Twin;

    [MessageUrn("a2a:planted.one", useDefaultPrefix: false)]
    private sealed record NoExchange;

    [EntityName("planted.one")]
    private sealed record NoEnvelope;

    [MessageUrn("a2a:planted.one"), EntityName("planted.one")]
    private sealed record DefaultPrefix;

    public record Changeable
    {
        public string Word { get; set; } = "";
    }
}
