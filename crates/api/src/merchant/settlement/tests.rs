use crate::merchant::settlement::line::HEADER;

/// The columns of the interface that shops read the report with, in their order.
const COLUMNS: &str = "MID,TransactionID,DebitNr,ReportingCriteria,MerchantClientID,Currency,GrossAmount,FeeAmount,\
                       PercentageOfTax,DebitAmount,ExchangeRate,InvoiceNumber,VoucherNumber,DebitTimestamp,\
                       InitialAmount,DispositionAmount,NetAmount,CreationTimestamp,ShopID,ClientIpCountry,CardOrigin,\
                       BusinessType,CustomerPscId,OriginalTransactionID";

#[test]
fn the_first_line_names_the_columns_of_the_interface() {
    assert_eq!(HEADER.trim_end().replace('"', ""), COLUMNS);
}
