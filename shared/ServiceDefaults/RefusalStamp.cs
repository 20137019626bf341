using A2A.Micro.Contracts.Wire;
using MassTransit;

namespace A2A.Micro.ServiceDefaults;

/// <summary>Writes on what goes to an error queue by which contract it was judged: after an upgrade it may be another one that judges.</summary>
internal sealed class RefusalStamp : IFilter<ExceptionReceiveContext>
{
    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        context.ExceptionHeaders.Set(ContractVersion.Header, ContractVersion.Current);
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("refusal-stamp");
}
